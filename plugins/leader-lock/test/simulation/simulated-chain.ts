/**
 * The chain of a simulation: one account, whose nonce is a compare-and-set register, and one price. Every update that lands is
 * judged by G2: its decision saw the last update that landed before it.
 */
import { ViolationError, type World } from "./world.ts";

interface ChainState {
  readonly sinceMs: number;
  readonly nonce: number;
  /** Counts updates: what a decision must have seen. */
  readonly updates: number;
  readonly price: number;
  readonly updatedMs: number;
}

/** On what ground an agent pushes. */
export type Leave = "leader" | "stray" | "fallback";

/** What an agent decided on. */
export interface ChainView {
  readonly nonce: number;
  readonly updates: number;
  readonly price: number;
  readonly updatedMs: number;
}

export interface Transaction {
  readonly from: string;
  readonly as: Leave;
  readonly nonce: number;
  /** Undefined: only uses the nonce up. */
  readonly price: number | undefined;
  readonly sawUpdates: number;
  /** After this its sender counts it as lost. */
  readonly givenUpMs: number;
}

/** What becomes of transactions. Chances of one. */
export interface Mempool {
  readonly dropped: number;
  /** Lands long after, if its nonce is still free. */
  readonly orphaned: number;
}

const HISTORY = 32;

export class SimulatedChain {
  mempool: Mempool = { dropped: 0, orphaned: 0 };
  /** No orphan lands later than this. */
  lastOrphanMs = Number.POSITIVE_INFINITY;
  /** The price on the market. */
  market = 100;
  readonly #world: World;
  /** The newest last. */
  readonly #states: ChainState[] = [{ sinceMs: 0, nonce: 0, updates: 0, price: 100, updatedMs: 0 }];

  constructor(world: World) {
    this.#world = world;
  }

  get latest(): ChainState {
    return this.#states[this.#states.length - 1] as ChainState;
  }

  /** The state as an endpoint shows it whose head is `lagMs` old. */
  stateAt(lagMs: number): ChainState {
    const atMs = this.#world.nowMs - lagMs;
    return this.#states.findLast(({ sinceMs }) => sinceMs <= atMs) ?? (this.#states[0] as ChainState);
  }

  send(transaction: Transaction): void {
    const { random } = this.#world;
    const { dropped, orphaned } = this.mempool;
    const luck = random.next();
    if (luck < dropped) return;
    const delayMs = random.spread(200, 4_000);
    const isOrphan = luck < dropped + orphaned;
    const waitMs = isOrphan ? random.spread(5_000, 120_000) : 0;
    const landsMs = Math.min(
      this.#world.nowMs + delayMs + waitMs,
      Math.max(this.#world.nowMs, this.lastOrphanMs),
    );
    this.#world.at(landsMs, () => this.#land(transaction));
  }

  #land({ from, as, nonce, price, sawUpdates, givenUpMs }: Transaction): void {
    const world = this.#world;
    const { latest } = this;
    if (nonce !== latest.nonce) {
      world.counts.refusedUpdates++;
      world.note("chain", `refuses nonce ${nonce} of ${from}`);
      return;
    }
    const spent = { ...latest, sinceMs: world.nowMs, nonce: nonce + 1 };
    if (price === undefined) {
      this.#append(spent);
      return;
    }
    if (sawUpdates !== latest.updates) {
      throw new ViolationError(
        `G2: ${from} updates ${latest.updates} having seen ${sawUpdates}`,
        world.nowMs,
      );
    }
    world.counts.updates++;
    if (as === "fallback") world.counts.fallbackUpdates++;
    if (as === "stray") world.counts.strayUpdates++;
    if (world.nowMs > givenUpMs) world.counts.lateUpdates++;
    world.note("chain", `nonce ${nonce}: ${from} as ${as} sets ${price.toFixed(2)}`);
    this.#append({ ...spent, updates: latest.updates + 1, price, updatedMs: world.nowMs });
  }

  #append(state: ChainState): void {
    this.#states.push(state);
    if (this.#states.length > HISTORY) this.#states.shift();
  }
}
