/**
 * What this agent understands of the chain between cycles: whose price stands there, and since when somebody else's
 * transaction waits at the next nonce.
 */
import type { Clock } from "@jeju-oracle/kit";
import type { Address, Hex } from "viem";
import { type ChainPrice, STALE_AFTER_S } from "../decision/decide.ts";
import type { Fence } from "../fence/fence.ts";
import { type Author, attributeUpdates, type KnownPrice } from "../oracle/attribution.ts";
import { type OracleState, samePrice } from "../oracle/oracle-state.ts";
import type { RpcPool } from "../rpc/rpc-pool.ts";
import { type Fees, highestFees, type InFlight, judgeInFlight } from "../transaction/in-flight.ts";
import type { Journal } from "../transaction/journal.ts";
import { readUnderstood, storeUnderstood } from "./understood-price.ts";

export interface ChainWatchOptions {
  readonly rpc: RpcPool;
  readonly fence: Fence;
  /** See botTag. */
  readonly ownTag: Hex;
  readonly oracle: Address;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly transactionDeadlineMs: number;
}

export type Authorship =
  | Author
  | { readonly kind: "unchanged" }
  /** The endpoint lags, or has not indexed the update yet: look again before deciding anything. */
  | { readonly kind: "undetermined" };

/** Nodes index logs a moment after the block: only an update that stays without a transaction is unknown. */
const UNKNOWN_AFTER_SIGHTINGS = 3;
/**
 * An endpoint that lags catches up sooner. A chain that stays below the known block was rolled back, or that block was
 * a lie: waiting for it to come could last for ever.
 */
const ROLLED_BACK_AFTER_MS = 60_000;
/** More updates than a reorganisation takes back. */
const REMEMBERED_PRICES = 16;

/** Often enough to tell a restart from an absence, rarely enough not to write at every look. */
const STORE_EVERY_S = 60n;
/** The runbook's emergency price ends with starting bots that have been down for an hour or more: those go on. */
const RECALL_WITHIN_S = STALE_AFTER_S;

export class ChainWatch {
  readonly #options: ChainWatchOptions;
  #known: KnownPrice | undefined;
  #knownAtMs = 0;
  #unknownSightings = 0;
  #understoodBefore: readonly ChainPrice[] = [];
  #storedAtS = 0n;
  #pendingNonce: number | undefined;
  #pendingSinceMs = 0;
  #lastPeerTag: Hex | undefined;
  #rivalFees: { readonly nonce: number; readonly fees: Fees } | undefined;

  constructor(options: ChainWatchOptions) {
    this.#options = options;
  }

  /**
   * Takes a new state into account. The first one is compared with what an earlier run of this process understood, so that
   * a crash does not hide an owner's update; after a longer absence it is accepted as it is: whoever starts an agent then
   * knows what stands there.
   * @throws {ChainUnreachableError} when no endpoint can tell who wrote it.
   */
  async identifyAuthor(state: OracleState, signal?: AbortSignal): Promise<Authorship> {
    this.#known ??= this.#recall(state);
    const known = this.#known;
    if (known === undefined || samePrice(known, state)) {
      this.accept(state, state.blockNumber, state.blockTimestampS);
      return { kind: "unchanged" };
    }
    if (state.blockNumber < known.blockNumber) {
      if (this.msSinceUnderstood < ROLLED_BACK_AFTER_MS) return { kind: "undetermined" };
      this.accept(state, state.blockNumber, state.blockTimestampS);
      return { kind: "unknown" };
    }
    if (this.#understoodBefore.some((earlier) => samePrice(earlier, state))) {
      // A reorganisation took the newer update back: what stands there was understood already.
      this.accept(state, state.blockNumber, state.blockTimestampS);
      return { kind: "unchanged" };
    }
    const { rpc, fence, oracle } = this.#options;
    const author = await rpc.attempt(
      (session) => attributeUpdates(session, fence, oracle, known, state.blockNumber),
      signal,
    );
    if (author.kind === "unknown") {
      this.#unknownSightings += 1;
      if (this.#unknownSightings < UNKNOWN_AFTER_SIGHTINGS) return { kind: "undetermined" };
    }
    this.accept(state, state.blockNumber, state.blockTimestampS);
    if (author.kind === "fleet") {
      this.#lastPeerTag = author.botTags.findLast((tag) => tag !== this.#options.ownTag) ?? this.#lastPeerTag;
    }
    return author;
  }

  /** From now on `price`, as of chain time `atS`, is the one that is understood. */
  accept(price: ChainPrice, blockNumber: bigint, atS: bigint): void {
    const { ethUsd8, elizaUsd8, lastUpdateS } = price;
    const changed = this.#known === undefined || !samePrice(this.#known, price);
    if (this.#known !== undefined && changed) {
      this.#understoodBefore = [...this.#understoodBefore, this.#known].slice(-REMEMBERED_PRICES);
    }
    this.#known = { ethUsd8, elizaUsd8, lastUpdateS, blockNumber };
    this.#knownAtMs = this.#options.clock.monotonicMs();
    this.#unknownSightings = 0;
    if (changed || atS >= this.#storedAtS + STORE_EVERY_S) {
      this.#storedAtS = atS;
      storeUnderstood(this.#options.journal, this.#options.oracle, this.#known, atS);
    }
  }

  /** What an earlier run of this process understood, when that was recently by chain time. */
  #recall(state: OracleState): KnownPrice | undefined {
    const stored = readUnderstood(this.#options.journal, this.#options.oracle);
    if (stored === undefined) return undefined;
    const absentS = state.blockTimestampS - stored.atS;
    return absentS <= RECALL_WITHIN_S && stored.price.blockNumber <= state.blockNumber
      ? stored.price
      : undefined;
  }

  /** Time in ms since a state was last read and its author known. */
  get msSinceUnderstood(): number {
    return this.#options.clock.monotonicMs() - this.#knownAtMs;
  }

  /** Tag of the bot, other than this one, whose update was attributed last. */
  get lastPeerTag(): Hex | undefined {
    return this.#lastPeerTag;
  }

  /** What is in flight from the sending account. */
  judge(state: Pick<OracleState, "latestNonce" | "pendingNonce">): InFlight {
    const { journal, clock, transactionDeadlineMs } = this.#options;
    const nowMs = clock.monotonicMs();
    const { latestNonce, pendingNonce } = state;
    if (pendingNonce <= latestNonce) this.#pendingNonce = undefined;
    else if (this.#pendingNonce !== latestNonce) {
      this.#pendingNonce = latestNonce;
      this.#pendingSinceMs = nowMs;
    }
    const inFlight = judgeInFlight(
      {
        latestNonce,
        pendingNonce,
        open: journal.open(latestNonce),
        foreignPendingForMs: this.#pendingNonce === undefined ? 0 : nowMs - this.#pendingSinceMs,
      },
      transactionDeadlineMs,
    );
    const rival = this.#rivalFees;
    if (inFlight.kind !== "resolve" || rival?.nonce !== inFlight.nonce) return inFlight;
    // Ours may be journalled although the node holds the rival's: only above both can a replacement be taken.
    return { ...inFlight, floor: highestFees([inFlight.floor ?? rival.fees, rival.fees]) };
  }

  /** Our transaction paid too little to replace somebody else's at this nonce: the next one must pay more. */
  noteUnderpriced(nonce: number, fees: Fees): void {
    this.#rivalFees = { nonce, fees };
  }
}
