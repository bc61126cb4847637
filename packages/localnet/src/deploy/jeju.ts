/** Deploys the Jeju side: the oracle, its consumer, and with the contract fence the updater in between. */
import { fencedPriceUpdaterAbi, fencedPriceUpdaterBytecode } from "@jeju-oracle/contracts/FencedPriceUpdater";
import { manualPriceOracleAbi, manualPriceOracleBytecode } from "@jeju-oracle/contracts/ManualPriceOracle";
import {
  pausableManualPriceOracleAbi,
  pausableManualPriceOracleBytecode,
} from "@jeju-oracle/contracts/PausableManualPriceOracle";
import { paymasterAbi, paymasterBytecode } from "@jeju-oracle/contracts/Paymaster";
import type { Address } from "viem";
import type { LocalKeys } from "../accounts.ts";
import type { LocalChain } from "../chain/chain.ts";
import type { LocalnetSettings } from "../options.ts";
import { OwnerActions } from "../oracle.ts";
import { call, deployment, Transactor } from "../transactor.ts";

export interface JejuDeployment {
  readonly addresses: {
    readonly oracle: Address;
    readonly paymaster: Address;
    readonly fencedUpdater: Address | undefined;
  };
  readonly owner: OwnerActions;
}

/** @throws {LocalTransactionError} when a step reverts, for example initial prices outside the oracle's bounds. */
export async function deployJeju(
  jeju: LocalChain,
  keys: LocalKeys,
  settings: LocalnetSettings,
): Promise<JejuDeployment> {
  const owner = new Transactor(jeju, keys.owner.address);
  const oracle = owner.addressAt(0);
  const paymaster = owner.addressAt(1);
  const fencedUpdater = settings.fence === "contract" ? owner.addressAt(2) : undefined;
  const { ethUsd8, elizaUsd8 } = settings.initialOracle;
  const oracleArguments = [ethUsd8, elizaUsd8, keys.owner.address];
  await owner.send(
    settings.oracle === "pausable"
      ? deployment("oracle", pausableManualPriceOracleAbi, pausableManualPriceOracleBytecode, oracleArguments)
      : deployment("oracle", manualPriceOracleAbi, manualPriceOracleBytecode, oracleArguments),
    deployment("Paymaster", paymasterAbi, paymasterBytecode, [oracle, keys.owner.address]),
    ...(fencedUpdater === undefined
      ? [call(oracle, manualPriceOracleAbi, "setPriceUpdater", [keys.updater.address])]
      : [
          deployment("FencedPriceUpdater", fencedPriceUpdaterAbi, fencedPriceUpdaterBytecode, [
            oracle,
            keys.owner.address,
          ]),
          call(oracle, manualPriceOracleAbi, "setPriceUpdater", [fencedUpdater]),
          ...keys.bots.map(({ address }) =>
            call(fencedUpdater, fencedPriceUpdaterAbi, "setBot", [address, true]),
          ),
        ]),
  );
  return {
    addresses: { oracle, paymaster, fencedUpdater },
    owner: new OwnerActions(owner, oracle, paymaster),
  };
}
