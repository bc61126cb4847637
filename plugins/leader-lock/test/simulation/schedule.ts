/**
 * One schedule: a fleet, weather and faults drawn from a seed, then calm. G1 and G2 are judged at every step; when the calm has
 * lasted for a lease and a few polls somebody leads. A broken promise is a {@link ViolationError}.
 */

import { addCounts, type Counts, noCounts } from "./counts.ts";
import { DriftingClock } from "./drifting-clock.ts";
import { DAMAGES, FAULTS, type FaultScene, WIPES } from "./faults.ts";
import { type Machine, realMachine } from "./machine.ts";
import { CALM } from "./network.ts";
import { PricePusher } from "./price-pusher.ts";
import { SimulatedAgent } from "./simulated-agent.ts";
import { SimulatedChain } from "./simulated-chain.ts";
import { type Trace, ViolationError, World } from "./world.ts";

/** `remote`: hosts of their own, a store that can be wiped. `local`: one host, where death is proved; never wiped. */
export type StoreKind = "remote" | "local";

export interface ScheduleOptions {
  readonly store: StoreKind;
  readonly machine?: Machine;
  readonly trace?: Trace;
  readonly readsPricesFirst?: boolean;
}

const TTL_MS = 20_000;
const SHORT_TTL_MS = 14_000;
/** Of the ttl; as in the profile `fast`. */
const MARGIN = 0.2;
const RENEW = 0.25;
const OP_TIMEOUT = 0.15;
const RETRY_MS = 250;
/** margin/(2·ttl): what the election assumes. */
const CLOCK_ERROR = MARGIN / 2;
const CLAIM_STAGGER_MS = 500;

export function runSchedule(seed: number, options: ScheduleOptions): Counts {
  const { store, machine = realMachine, trace } = options;
  const world = new World({ seed, machine, trace });
  const { random } = world;
  const endMs = random.between(60_000, 200_000);
  const pollMs = random.between(1_000, 2_500);
  const sameTtl = random.chance(0.7);
  addAgents(world, store, { pollMs, sameTtl });
  addPushers(world, endMs, options.readsPricesFirst ?? false);
  setWeather(world, endMs);
  scheduleFaults({ world, endMs, ttlMs: TTL_MS, clockError: CLOCK_ERROR }, store, sameTtl);
  world.at(endMs, () => makeWhole(world));
  world.runUntil(endMs + longestWaitMs(pollMs));
  if (world.leader() === undefined) throw new ViolationError("progress: nobody leads", world.nowMs);
  return world.counts;
}

/** A lease that ends by the slowest clock, after the best candidates; a request that fails; marks that are raised in turn. */
function longestWaitMs(pollMs: number): number {
  return TTL_MS / (1 - CLOCK_ERROR) + OP_TIMEOUT * TTL_MS + 8 * pollMs + 5 * CLAIM_STAGGER_MS;
}

function addAgents(world: World, store: StoreKind, fleet: { pollMs: number; sameTtl: boolean }): void {
  const { random } = world;
  const count = random.integer(3, 5);
  const hasTwin = random.chance(0.1);
  for (let index = 0; index < count; index++) {
    const name = "abcde"[index] ?? "";
    const ttlMs = fleet.sameTtl || random.chance(0.5) ? TTL_MS : SHORT_TTL_MS;
    const rate = 1 + CLOCK_ERROR * (random.chance(0.5) ? random.pick([-1, 1]) : random.between(-1, 1));
    const agent = new SimulatedAgent(world, {
      name,
      botId: hasTwin && index === 1 ? "a" : name,
      host: store === "local" || random.chance(0.3) ? "shared" : `host-${name}`,
      clock: new DriftingClock(0, random.spread(1_000, 1e9), rate, random.between(-1e9, 1e12)),
      opTimeoutMs: ttlMs * OP_TIMEOUT,
      config: {
        lockPlace: undefined,
        ttlMs,
        renewMs: ttlMs * RENEW,
        marginMs: ttlMs * MARGIN,
        pollMs: fleet.pollMs,
        retryMs: RETRY_MS,
        nomineeGraceMs: 3 * fleet.pollMs,
        claimEmptyAtOnce: store === "local",
      },
    });
    const claimDelayMs = random.chance(0.5) ? 0 : random.integer(0, 4) * CLAIM_STAGGER_MS;
    agent.standing = { eligible: true, claimDelayMs };
    world.agents.push(agent);
    world.at(random.chance(0.5) ? random.between(0, 500) : random.between(0, 20_000), () => agent.start());
  }
}

function addPushers(world: World, endMs: number, readsPricesFirst: boolean): void {
  const { random } = world;
  const chain = new SimulatedChain(world);
  chain.mempool = random.chance(0.5)
    ? { dropped: random.spread(0.01, 0.3), orphaned: random.spread(0.01, 0.4) }
    : { dropped: 0, orphaned: 0 };
  const isSplit = random.chance(0.3);
  const pushers = new Map(
    world.agents.map((agent, rank) => {
      const believesToLead = isSplit && random.chance(0.5);
      return [agent, new PricePusher(world, chain, agent, { believesToLead, rank, readsPricesFirst })];
    }),
  );
  world.onStart = (agent) => pushers.get(agent)?.start();
  const move = () => {
    chain.market *= 1 + random.between(-0.02, 0.02);
    if (world.nowMs < endMs) world.after(random.spread(500, 20_000), move);
  };
  move();
}

function setWeather(world: World, endMs: number): void {
  const { random, network } = world;
  const fastestMs = random.spread(0.5, 20);
  network.weather = {
    fastestMs,
    slowestMs: fastestMs * random.spread(2, 20),
    loss: random.chance(0.5) ? random.spread(0.001, 0.1) : 0,
    slow: random.chance(0.5) ? random.spread(0.005, 0.1) : 0,
    late: random.chance(0.4) ? random.spread(0.002, 0.05) : 0,
  };
  network.lastArrivalMs = endMs;
}

function scheduleFaults(scene: FaultScene, store: StoreKind, sameTtl: boolean): void {
  const { world, endMs } = scene;
  const { random } = world;
  const damages = sameTtl ? DAMAGES : {};
  const wipes = sameTtl && store === "remote" ? WIPES : {};
  const known = Object.entries({ ...FAULTS, ...damages, ...wipes });
  // A few kinds per schedule, so that some have much of one.
  random.shuffle(known);
  const kinds = known.slice(0, random.integer(2, 8));
  const count = random.integer(4, 24);
  for (let index = 0; index < count; index++) {
    const [kind, inject] = random.pick(kinds);
    world.at(random.between(0, endMs), () => {
      const leader = random.chance(0.6) ? world.leader() : undefined;
      const victim = leader ?? random.pick(world.agents);
      world.counts.faults++;
      world.note("fault", `${kind} ${victim.name}`);
      inject(scene, victim);
    });
  }
}

/** The end of all faults. Their own ends were set for before. */
function makeWhole(world: World): void {
  world.note("world", "is calm from here on");
  world.network.weather = CALM;
  world.endOutage();
  for (const agent of world.agents) {
    agent.cut = undefined;
    agent.freezeAtWrite = undefined;
    agent.standing = { ...agent.standing, eligible: true };
    agent.resume();
    agent.start();
  }
}

/** Runs schedules `first` up to `last`. @throws {ViolationError} naming the seed and how to replay it. */
export function runSchedules(first: number, last: number, options: ScheduleOptions): Counts {
  const sum = noCounts();
  for (let seed = first; seed <= last; seed++) {
    try {
      addCounts(sum, runSchedule(seed, options));
    } catch (error) {
      if (!(error instanceof ViolationError)) throw error;
      throw new Error(`${error.message}\nreplay: ${replayCommand(seed, options.store)}`, { cause: error });
    }
  }
  return sum;
}

function replayCommand(seed: number, store: StoreKind): string {
  return `SIM_SEED=${seed} SIM_STORE=${store} npm test -- plugins/leader-lock/test/simulation -t replay`;
}
