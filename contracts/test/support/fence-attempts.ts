/** What the fuzz tries next: honest bots, stale ones, guessers, owners, strangers, in random proportions. */
import type { Address } from "viem";
import type { FenceCall, FenceModel } from "./fence-model.ts";
import { stateOf } from "./fence-model.ts";
import type { FenceState } from "./oracle.ts";
import { initialPrices, type Prices, usd } from "./prices.ts";
import type { Random } from "./random.ts";

export interface Cast {
  readonly oracleOwner: Address;
  readonly fenceOwner: Address;
  readonly bots: readonly Address[];
  readonly strangers: readonly Address[];
}

/** A state as a bot read it after a block, and how many writes had landed by then. */
export interface Snapshot {
  readonly state: FenceState;
  readonly landedWrites: number;
}

export interface Attempt {
  readonly caller: Address;
  readonly call: FenceCall;
  /** What an honest bot decided on; absent when the expectation was guessed or forged. */
  readonly decidedOn?: Snapshot;
}

/** What an attempt may build on. `snapshots` is never empty and ends with the latest block's. */
export interface Situation {
  readonly model: FenceModel;
  readonly snapshots: readonly Snapshot[];
  /** Of the block that will hold the attempt, in seconds. */
  readonly timestamp: bigint;
}

export function nextAttempt(random: Random, cast: Cast, situation: Situation): Attempt {
  const everyone = [cast.oracleOwner, cast.fenceOwner, ...cast.bots, ...cast.strangers];
  const usually = (caller: Address): Address => (random.chance(75) ? caller : random.pick(everyone));
  const dice = random.below(100);
  if (dice < 76) {
    const caller = random.chance(90) ? random.pick(cast.bots) : random.pick(everyone);
    return { caller, ...fencedUpdate(random, situation) };
  }
  if (dice < 86) {
    return {
      caller: usually(cast.oracleOwner),
      call: { kind: "oracle-update", next: somePrices(random, situation) },
    };
  }
  if (dice < 91) {
    const next = somePrices(random, situation);
    return { caller: usually(cast.oracleOwner), call: { kind: "emergency-update", next } };
  }
  if (dice < 98) {
    const call: FenceCall = { kind: "set-bot", bot: random.pick(cast.bots), allowed: random.chance(85) };
    return { caller: usually(cast.fenceOwner), call };
  }
  const updater = random.chance(85) ? situation.model.fence : random.pick(cast.bots);
  return { caller: usually(cast.oracleOwner), call: { kind: "set-updater", updater } };
}

function fencedUpdate(random: Random, situation: Situation): Omit<Attempt, "caller"> {
  const { model, snapshots, timestamp } = situation;
  const next = somePrices(random, situation);
  const deadline = random.chance(90)
    ? timestamp + BigInt(random.below(100))
    : timestamp - BigInt(1 + random.below(3));
  const call = (expected: FenceState): FenceCall => ({ kind: "fenced-update", expected, next, deadline });

  const seen = random.pick(random.chance(75) ? snapshots.slice(-1) : snapshots.slice(-5));
  if (random.chance(80)) return { call: call(seen.state), decidedOn: seen };
  // Not what anyone read: a right guess at what this very block has done so far, or one value off.
  if (random.chance(60)) return { call: call(stateOf(model)) };
  const field = random.pick(["ethUsd", "elizaUsd", "lastUpdate", "updateCount"] as const);
  return { call: call({ ...seen.state, [field]: seen.state[field] + 1n }) };
}

function somePrices(random: Random, { model, snapshots }: Situation): Prices {
  const dice = random.below(100);
  // Going back to prices of a moment ago is what makes A-B-A.
  if (dice < 30) return random.pick(snapshots.slice(-2)).state;
  if (dice < 35) return { ethUsd: usd(random.pick([0, 499, 10_001])), elizaUsd: model.elizaUsd };
  if (dice < 42) return { ethUsd: usd(501 + random.below(9_000)), elizaUsd: initialPrices.elizaUsd };
  const nearby = (price: bigint): bigint => (price * BigInt(900 + random.below(200))) / 1_000n;
  return { ethUsd: nearby(model.ethUsd), elizaUsd: nearby(model.elizaUsd) };
}
