/**
 * From "a push is due" to a transaction ready to sign, on one endpoint: state at one block, the decision repeated on
 * it, fees, simulation.
 */
import type { Address } from "viem";
import { concat } from "viem";
import type { TransactionConfig } from "../config.ts";
import type { Decision } from "../decision/decide.ts";
import type { Fence } from "../fence/fence.ts";
import { encodeTag, type TagContent } from "../fence/tag.ts";
import type { JejuOracle } from "../oracle/jeju-oracle.ts";
import { type OracleState, type SendState, samePrice } from "../oracle/oracle-state.ts";
import { quantity } from "../rpc/parse.ts";
import { classifySendError, EndpointError, TransactionError } from "../rpc/rpc-errors.ts";
import type { RpcSession } from "../rpc/rpc-pool.ts";
import { freshFees, replacementFees } from "../transaction/fees.ts";
import type { Fees, InFlight } from "../transaction/in-flight.ts";
import { decodeRevert } from "../transaction/revert-reason.ts";
import { type TransactionPlan, walletEmpty } from "../transaction/sender.ts";

export interface PrepareOptions {
  readonly oracle: JejuOracle;
  readonly fence: Fence;
  readonly sender: Address;
  /** Asked after the decision was repeated, so that both follow the same settings. */
  readonly transaction: () => TransactionConfig;
}

export type Prepared =
  | { readonly kind: "ready"; readonly plan: TransactionPlan }
  /** The price on chain is no longer the one that was decided on. */
  | { readonly kind: "superseded" }
  /** The decision, repeated on the newest state, is not to push. */
  | { readonly kind: "stopped"; readonly decision: Decision }
  | { readonly kind: "failed"; readonly error: TransactionError };

/** Code of the failure to outbid a stuck transaction. */
export const FEE_CAP_REACHED = "fee-cap-reached";

/** Gas of an update is about 42,000 (measured); the estimate varies with storage warmth. */
const GAS_HEADROOM_PCT = 130n;
/** A plain transfer of nothing to oneself. */
const CANCEL_GAS = 21_000n;
/**
 * A cancellation must be able to outbid an update that already pays the cap, or its old price lands when gas falls. It uses
 * half the gas of an update, so at twice the cap it costs no more.
 */
const CANCEL_CAP_FACTOR = 2n;

/** @throws {EndpointError} when the endpoint fails: the caller starts again on the next one. */
export async function prepareUpdate(
  session: RpcSession,
  options: PrepareOptions,
  decidedOn: OracleState,
  redecide: (state: SendState) => { readonly decision: Decision; readonly inFlight: InFlight },
  tag: TagContent,
  understoodAtBlock: bigint,
): Promise<Prepared> {
  const { oracle, fence, sender } = options;
  const state = await oracle.readForSend(session);
  if (!samePrice(state, decidedOn)) return { kind: "superseded" };
  const { decision, inFlight } = redecide(state);
  if (decision.kind === "skip") return { kind: "stopped", decision };
  const config = options.transaction();
  const fees = feesFor(state, inFlight, config, config.feeCapWei);
  if (fees === undefined) return { kind: "failed", error: feeCapReached(config.feeCapWei) };
  const deadlineS = state.blockTimestampS + BigInt(Math.ceil(config.deadlineMs / 1000));
  const data = concat([fence.encodeUpdate(decision.prices, state, deadlineS), encodeTag(tag)]);
  const gas = await estimateGas(session, { from: sender, to: fence.target, data });
  if (typeof gas !== "bigint") return { kind: "failed", error: gas };
  const gasLimit = (gas * GAS_HEADROOM_PCT) / 100n;
  const neededWei = gasLimit * fees.maxFeePerGasWei;
  if (state.walletBalanceWei < neededWei) {
    return {
      kind: "failed",
      error: walletEmpty(`it holds ${state.walletBalanceWei} wei, the update may cost ${neededWei}`),
    };
  }
  const plan: TransactionPlan = {
    kind: "update",
    nonce: state.latestNonce,
    to: fence.target,
    data,
    gas: gasLimit,
    prices: decision.prices,
    reason: decision.reason,
    queued: false,
    understoodAtBlock,
    ...fees,
  };
  return { kind: "ready", plan };
}

/** A self-transfer that uses up the nonce of a stuck transaction. @throws {EndpointError} */
export async function prepareCancel(
  session: RpcSession,
  options: PrepareOptions,
  judge: (state: SendState) => InFlight,
): Promise<Prepared> {
  const { oracle, sender } = options;
  const config = options.transaction();
  const state = await oracle.readForSend(session);
  const inFlight = judge(state);
  if (inFlight.kind !== "resolve" && inFlight.kind !== "cancel-queued") return { kind: "superseded" };
  const fees = feesFor(state, inFlight, config, config.feeCapWei * CANCEL_CAP_FACTOR);
  if (fees === undefined) return { kind: "failed", error: feeCapReached(config.feeCapWei) };
  if (state.walletBalanceWei < CANCEL_GAS * fees.maxFeePerGasWei) {
    return {
      kind: "failed",
      error: walletEmpty(`it holds ${state.walletBalanceWei} wei, a cancellation costs more`),
    };
  }
  const plan: TransactionPlan = {
    kind: "cancel",
    nonce: inFlight.nonce,
    to: sender,
    data: "0x",
    gas: CANCEL_GAS,
    prices: undefined,
    reason: `${inFlight.kind} nonce ${inFlight.nonce}`,
    queued: inFlight.kind === "cancel-queued",
    understoodAtBlock: state.blockNumber,
    ...fees,
  };
  return { kind: "ready", plan };
}

/** Undefined when a stuck transaction cannot be outbid within `capWei`. */
function feesFor(
  state: SendState,
  inFlight: InFlight,
  config: TransactionConfig,
  capWei: bigint,
): Fees | undefined {
  const fresh = freshFees(state, config.gasPriceMultiplierPct, config.feeCapWei);
  const floor = inFlight.kind === "resolve" || inFlight.kind === "cancel-queued" ? inFlight.floor : undefined;
  return floor === undefined ? fresh : replacementFees(fresh, floor, capWei);
}

/** At the newest block: nodes that default to `pending` would simulate behind the very transaction that is replaced. */
async function estimateGas(
  session: RpcSession,
  call: { readonly from: Address; readonly to: Address; readonly data: `0x${string}` },
): Promise<bigint | TransactionError> {
  const [reply] = await session.request([{ method: "eth_estimateGas", params: [call, "latest"] }]);
  if (reply === undefined)
    throw new EndpointError("garbage", session.label, "leaves the estimate without a reply");
  if (reply.ok) return quantity(reply.result, session.label, "gas estimate");
  switch (classifySendError(reply.error)) {
    case "reverted":
      return decodeRevert(reply.error.data);
    case "insufficient-funds":
      return walletEmpty(reply.error.message);
    default:
      throw new EndpointError("rpc-error", session.label, `fails eth_estimateGas: ${reply.error.message}`);
  }
}

function feeCapReached(feeCapWei: bigint): TransactionError {
  return new TransactionError(FEE_CAP_REACHED, "a stuck transaction cannot be replaced within the fee cap", {
    retryable: true,
    nextStep:
      "Raise MAX_GAS_PRICE_GWEI until the stuck transaction is replaced, or wait until gas is cheaper.",
    details: { feeCapWei },
  });
}
