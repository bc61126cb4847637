/** The oracle and the paymaster on Jeju as their owner sees and changes them. */

/** What stands on chain now. Prices have 8 decimals. */
export interface OracleOnChain {
  readonly ethUsd8: bigint;
  readonly elizaUsd8: bigint;
  readonly lastUpdateS: bigint;
  readonly fresh: boolean;
  readonly owner: string;
  readonly priceUpdater: string;
  /** Undefined: the deployed contract cannot be paused. */
  readonly paused: boolean | undefined;
  readonly blockTimestampS: bigint;
}

export interface OwnerCall {
  readonly to: string;
  readonly data: string;
  /** `emergencyPriceUpdate(uint256,uint256)` with its arguments in words. */
  readonly description: string;
}

/** The same call for whoever holds the key: nothing in it is secret. */
export interface HandOut {
  readonly calldata: string;
  readonly castCommand: string;
  /** Safe transaction-builder file. */
  readonly safeJson: string;
}

export interface OwnerOffice {
  /** @throws {BaseError} when Jeju cannot be read. */
  readOracle(): Promise<OracleOnChain>;
  /** @throws {BaseError} */
  readPaymasterPaused(): Promise<boolean | undefined>;
  /** Whether OWNER_PRIVATE_KEY (or its _FILE) is configured. */
  readonly hasKey: boolean;
  readonly oracleAddress: string;
  readonly paymasterAddress: string | undefined;
  emergencyPriceCall(ethUsd8: bigint, elizaUsd8: bigint): OwnerCall;
  unpauseOracleCall(): OwnerCall;
  pausePaymasterCall(): OwnerCall;
  unpausePaymasterCall(): OwnerCall;
  handOut(call: OwnerCall): HandOut;
  /** Simulates, as the key that would send it, else as the contract's owner. @throws {BaseError} with the decoded revert. */
  simulate(call: OwnerCall): Promise<void>;
  /** Signs and sends with the owner's key, waits for the receipt. @throws {BaseError} */
  send(call: OwnerCall): Promise<{ readonly transactionHash: string }>;
  /** Every price source that still answers, for the emergency price; each with its age or error. */
  liveSources(): Promise<readonly LiveSource[]>;
}

export interface LiveSource {
  readonly name: string;
  readonly ethUsd8: bigint | undefined;
  readonly elizaUsd8: bigint | undefined;
  readonly detail: string;
}
