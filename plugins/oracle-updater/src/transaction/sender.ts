/**
 * Signs, journals and sends one transaction, and watches its nonce until that is used up. Knows nothing of prices.
 */
import type { Clock, Logger } from "@jeju-oracle/kit";
import { sleep } from "@jeju-oracle/kit";
import { type Address, type Hex, keccak256 } from "viem";
import type { privateKeyToAccount } from "viem/accounts";
import type { ChainPrice } from "../decision/decide.ts";
import { decodeUpdateLog, PRICES_UPDATED_TOPIC, updateLogsCall } from "../oracle/attribution.ts";
import type { RpcReply } from "../rpc/endpoint.ts";
import {
  blockHead,
  bytes,
  hash as hashOf,
  isObject,
  type Json,
  list,
  object,
  quantity,
  safeInteger,
} from "../rpc/parse.ts";
import {
  ChainUnreachableError,
  classifySendError,
  EndpointError,
  TransactionError,
} from "../rpc/rpc-errors.ts";
import type { RpcPool, RpcSession } from "../rpc/rpc-pool.ts";
import type { Fees } from "./in-flight.ts";
import type { Journal } from "./journal.ts";
import { decodeRevert } from "./revert-reason.ts";

export interface TransactionPlan extends Fees {
  readonly kind: "update" | "cancel";
  readonly nonce: number;
  readonly to: Address;
  readonly data: Hex;
  readonly gas: bigint;
  readonly prices: { readonly ethUsd8: bigint; readonly elizaUsd8: bigint } | undefined;
  readonly reason: string;
  /** True for a nonce behind a gap: it cannot be used up yet, so nobody waits for it. */
  readonly queued: boolean;
  /** Block at which the price on chain was last understood: updates after it that are not ours are someone else's. */
  readonly understoodAtBlock: bigint;
}

/** Why a signed transaction is not sent after all. */
export interface Withheld {
  readonly reason: "not-leader" | "paused";
  readonly detail: string;
}

export type SendOutcome =
  | {
      readonly kind: "landed";
      readonly hash: Hex;
      readonly blockNumber: bigint;
      /** What the oracle announced; undefined for a cancellation. */
      readonly price: ChainPrice | undefined;
      /** Whether, since the price was last understood, the oracle announced nothing but this. */
      readonly alone: boolean;
    }
  /** Another transaction used the nonce, or the time to send it passed unused: decide again, not a failure. */
  | { readonly kind: "lost-race" }
  /** The caller's last word was no: nothing was journalled or sent. */
  | { readonly kind: "withheld"; readonly why: Withheld }
  /** A transaction with this nonce is pending and pays more than ours: wait for it. */
  | { readonly kind: "underpriced" }
  /** A node holds it until the gap before its nonce is filled. */
  | { readonly kind: "queued"; readonly hash: Hex }
  /** Mined, but without effect. With the contract fence that is a lost race. */
  | { readonly kind: "reverted"; readonly hash: Hex }
  /** Neither landed nor lost before the deadline: the nonce must be resolved. */
  | { readonly kind: "unresolved"; readonly hash: Hex }
  | { readonly kind: "failed"; readonly error: TransactionError };

export interface SenderOptions {
  readonly rpc: RpcPool;
  readonly journal: Journal;
  readonly chainId: number;
  readonly account: ReturnType<typeof privateKeyToAccount>;
  readonly oracle: Address;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Receipts are asked for once per this time: one block. */
  readonly blockTimeMs: () => number;
  /** Called between journal and wire: tests stop an agent here. */
  readonly beforeBroadcast?: (() => Promise<void>) | undefined;
}

type BroadcastOutcome = "sent" | "unknown" | SendOutcome;

/** A used nonce without a receipt of ours must be seen this often before the race counts as lost: nodes lag. */
const LOST_AFTER_SIGHTINGS = 2;

export class Sender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /**
   * Sends `plan` and waits until its nonce is used up or the deadline passes.
   * @param objection the last word, asked when nothing but the journal is between the transaction and the wire: from the
   * same moment on it either is in the journal or will never be sent.
   * @throws {JournalError}
   */
  async send(
    plan: TransactionPlan,
    objection: () => Withheld | undefined,
    signal?: AbortSignal,
  ): Promise<SendOutcome> {
    const { account, chainId, journal } = this.#options;
    const raw = await account.signTransaction({
      type: "eip1559",
      chainId,
      nonce: plan.nonce,
      to: plan.to,
      data: plan.data,
      gas: plan.gas,
      value: 0n,
      maxFeePerGas: plan.maxFeePerGasWei,
      maxPriorityFeePerGas: plan.maxPriorityFeePerGasWei,
    });
    const hash = keccak256(raw);
    const signedAtMs = this.#options.clock.monotonicMs();
    const why = objection();
    if (why !== undefined) return { kind: "withheld", why };
    journal.record({ ...plan, ethUsd8: plan.prices?.ethUsd8, elizaUsd8: plan.prices?.elizaUsd8, hash, raw });
    await this.#options.beforeBroadcast?.();
    const broadcast = await this.#broadcast(raw, hash, signedAtMs, signal);
    const outcome = await this.#outcomeOf(broadcast, plan, hash, raw, signal);
    if (journal.knows(hash) && outcome.kind !== "unresolved") journal.noteOutcome(hash, outcome.kind);
    return outcome;
  }

  async #outcomeOf(
    broadcast: BroadcastOutcome,
    plan: TransactionPlan,
    hash: Hex,
    raw: Hex,
    signal: AbortSignal | undefined,
  ): Promise<SendOutcome> {
    if (broadcast !== "sent" && broadcast !== "unknown") return broadcast;
    if (!plan.queued) return this.#awaitNonce(plan, hash, raw, signal);
    return broadcast === "sent" ? { kind: "queued", hash } : { kind: "unresolved", hash };
  }

  async #broadcast(
    raw: Hex,
    hash: Hex,
    signedAtMs: number,
    signal: AbortSignal | undefined,
  ): Promise<BroadcastOutcome> {
    const { clock, deadlineMs, journal } = this.#options;
    let tries = 0;
    try {
      return await this.#options.rpc.attempt<BroadcastOutcome>(async (session) => {
        // A process that stood still would send what it decided before: the caller decides again instead.
        if (clock.monotonicMs() - signedAtMs >= deadlineMs) {
          if (tries > 0) return "unknown";
          journal.forgetRefused(hash);
          return { kind: "lost-race" };
        }
        tries += 1;
        const [reply] = await session.request([{ method: "eth_sendRawTransaction", params: [raw] }]);
        if (reply?.ok === true) return "sent";
        // After an endpoint that did not answer, a refusal proves nothing: that endpoint may have taken it.
        return this.#judgeRefusal(session, reply, hash, tries === 1);
      }, signal);
    } catch (error) {
      if (!(error instanceof ChainUnreachableError)) throw error;
      this.#options.logger.warn("Sending has an unknown outcome, the nonce is watched", { hash });
      return "unknown";
    }
  }

  #judgeRefusal(
    session: RpcSession,
    reply: RpcReply | undefined,
    hash: Hex,
    certainlyNotSent: boolean,
  ): BroadcastOutcome {
    if (reply === undefined || reply.ok)
      throw new EndpointError("garbage", session.label, "leaves the send without a reply");
    const failure = classifySendError(reply.error);
    if (failure === "already-known") return "sent";
    if (!certainlyNotSent) return "unknown";
    if (failure === "other")
      throw new EndpointError("rpc-error", session.label, `refuses the send: ${reply.error.message}`);
    this.#options.journal.forgetRefused(hash);
    switch (failure) {
      case "nonce-too-low":
        return { kind: "lost-race" };
      case "underpriced":
        return { kind: "underpriced" };
      case "insufficient-funds":
        return { kind: "failed", error: walletEmpty(reply.error.message) };
      case "reverted":
        return { kind: "failed", error: decodeRevert(reply.error.data) };
      case "nonce-too-high":
      case "fee-below-minimum":
        return {
          kind: "failed",
          error: new TransactionError(failure, `the node refuses the update: ${reply.error.message}`, {
            retryable: true,
            nextStep:
              "Nothing: the agent reads nonce and fees again. If it repeats, check that all RPC URLs are one chain.",
          }),
        };
      default:
        return failure satisfies never;
    }
  }

  async #awaitNonce(
    { nonce, understoodAtBlock }: TransactionPlan,
    hash: Hex,
    raw: Hex,
    signal: AbortSignal | undefined,
  ): Promise<SendOutcome> {
    const { clock, deadlineMs, journal, blockTimeMs } = this.#options;
    const startedAtMs = clock.monotonicMs();
    let usedWithoutReceipt = 0;
    while (clock.monotonicMs() - startedAtMs < deadlineMs && signal?.aborted !== true) {
      await sleep(clock, blockTimeMs(), signal);
      const hashes = journal.at(nonce).map((entry) => entry.hash);
      const sight = await this.#look(nonce, hashes, understoodAtBlock, signal);
      if (sight === undefined) continue;
      if (sight.receipt !== undefined) return this.#judgeReceipt(sight.receipt, sight.updaters);
      if (sight.latestNonce > nonce) {
        usedWithoutReceipt += 1;
        if (usedWithoutReceipt >= LOST_AFTER_SIGHTINGS) return { kind: "lost-race" };
      } else if (sight.pendingNonce <= nonce && clock.monotonicMs() - startedAtMs < deadlineMs) {
        // The mempool that we see does not hold it, so the endpoint that took it may have lost it: the same bytes are
        // safe anywhere, and another endpoint may keep them. What they answer proves nothing. Not past the deadline: after
        // the process stood still, the price in them may be an hour old.
        await this.#options.rpc.tellAll([{ method: "eth_sendRawTransaction", params: [raw] }], signal);
      }
    }
    return { kind: "unresolved", hash };
  }

  /** One look at the nonce and at the receipts of our transactions there; undefined while the chain is unreachable. */
  async #look(
    nonce: number,
    hashes: readonly Hex[],
    understoodAtBlock: bigint,
    signal: AbortSignal | undefined,
  ) {
    try {
      return await this.#options.rpc.attempt(async (session) => {
        const replies = await session.request([
          ...hashes.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
          { method: "eth_getTransactionCount", params: [this.#options.account.address, "latest"] },
          { method: "eth_getTransactionCount", params: [this.#options.account.address, "pending"] },
          { method: "eth_getBlockByNumber", params: ["latest", false] },
          updateLogsCall(this.#options.oracle, understoodAtBlock + 1n),
        ]);
        const [latest, pending, block, logs] = replies.slice(hashes.length);
        // A head that stopped would hide the receipt until the deadline.
        if (block?.ok === true) await session.observeHead(blockHead(block.result, session.label));
        const receipts = hashes.map((hash, index) => parseReceipt(replies[index], hash, session.label));
        return {
          receipt: receipts.find((receipt) => receipt !== undefined),
          latestNonce: nonceOf(latest, session.label),
          pendingNonce: nonceOf(pending, session.label),
          updaters: parseUpdaters(logs, session.label),
        };
      }, signal);
    } catch (error) {
      if (!(error instanceof ChainUnreachableError)) throw error;
      this.#options.logger.warn("Cannot see whether the transaction landed", { nonce });
      return undefined;
    }
  }

  #judgeReceipt(receipt: Receipt, updaters: readonly string[] | undefined): SendOutcome {
    const { hash, blockNumber } = receipt;
    if (!receipt.succeeded) return { kind: "reverted", hash };
    const alone = updaters?.every((updater) => updater === hash) ?? false;
    return { kind: "landed", hash, blockNumber, price: this.#announcedPrice(receipt), alone };
  }

  #announcedPrice(receipt: Receipt): ChainPrice | undefined {
    const oracle = this.#options.oracle.toLowerCase();
    for (const log of receipt.logs) {
      if (!isObject(log) || typeof log.address !== "string" || log.address.toLowerCase() !== oracle) continue;
      const topics = Array.isArray(log.topics) ? log.topics : [];
      if (topics[0] !== PRICES_UPDATED_TOPIC) continue;
      return decodeUpdateLog(bytes(log.data, "receipt", "log data"), "receipt");
    }
    return undefined;
  }
}

/** The sending wallet cannot pay. */
export function walletEmpty(detail: string): TransactionError {
  return new TransactionError("wallet-empty", `the updater's wallet cannot pay for the update: ${detail}`, {
    retryable: false,
    nextStep: "Fund the updater's address on Jeju.",
  });
}

interface Receipt {
  readonly hash: Hex;
  readonly succeeded: boolean;
  readonly blockNumber: bigint;
  readonly logs: readonly Json[];
}

function parseReceipt(reply: RpcReply | undefined, hash: Hex, label: string): Receipt | undefined {
  if (reply?.ok !== true)
    throw new EndpointError("state-unavailable", label, "fails eth_getTransactionReceipt");
  if (reply.result === null) return undefined;
  const fields = object(reply.result, label, "receipt");
  return {
    hash,
    succeeded: quantity(fields.status, label, "receipt status") === 1n,
    blockNumber: quantity(fields.blockNumber, label, "receipt block number"),
    logs: list(fields.logs, label, "receipt logs"),
  };
}

/** Hashes of the transactions that changed the price; undefined when the endpoint cannot tell. */
function parseUpdaters(reply: RpcReply | undefined, label: string): readonly string[] | undefined {
  if (reply?.ok !== true) return undefined;
  return list(reply.result, label, "logs").map((log) =>
    hashOf(object(log, label, "log").transactionHash, label, "transaction hash"),
  );
}

function nonceOf(reply: RpcReply | undefined, label: string): number {
  if (reply?.ok !== true)
    throw new EndpointError("state-unavailable", label, "fails eth_getTransactionCount");
  return safeInteger(reply.result, label, "nonce");
}
