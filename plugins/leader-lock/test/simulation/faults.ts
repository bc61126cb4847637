/** What can go wrong, and what operators do: each is an ordinary event of a simulated world. */
import type { Outage } from "./lease-store.ts";
import type { Cut } from "./network.ts";
import type { SimulatedAgent } from "./simulated-agent.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;
const OUTAGES: readonly Outage[] = ["refuses", "silent", "mute", "stalls"];
const CUTS: readonly Cut[] = ["requests", "replies", "both"];

export interface FaultScene {
  readonly world: World;
  /** By then everything is whole again. */
  readonly endMs: number;
  readonly ttlMs: number;
  /** How far the rate of a clock may be off, as a part of one. */
  readonly clockError: number;
}

type Fault = (scene: FaultScene, victim: SimulatedAgent) => void;

/** Faults of every deployment. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  kill({ world, endMs }, victim) {
    victim.kill();
    world.after(within(world, endMs, 200, 40_000), () => victim.start());
  },
  killAtOnceBack(_, victim) {
    victim.kill();
    victim.start();
  },
  pause({ world, endMs }, victim) {
    victim.pause();
    world.after(within(world, endMs, 50, 50_000), () => victim.resume());
  },
  freezeInWrite({ world, endMs, ttlMs }, victim) {
    const frozenForMs = Math.min(ttlMs * world.random.between(0.3, 3), endMs - world.nowMs);
    const arrivesAfterMs = frozenForMs * world.random.between(0.3, 1);
    const writer = world.leader() ?? victim;
    writer.freezeAtWrite = { arrivesAfterMs, frozenForMs };
  },
  stop({ world, endMs }, victim) {
    victim.stop("told to stop");
    world.after(within(world, endMs, 200, 40_000), () => victim.start());
  },
  resign(scene, victim) {
    victim.resign("in trouble", sitOutMs(scene), scene.world.random.pick(scene.world.agents).name);
  },
  removeLockFile(scene) {
    scene.world.leader()?.resign("the lock file was removed", sitOutMs(scene));
  },
  forceLeader({ world }, nominee) {
    revoke(world, nominee.name, world.random.spread(1, 2_000));
  },
  outage({ world, endMs }) {
    world.store.outage = world.random.pick(OUTAGES);
    world.after(within(world, endMs, 200, 45_000), () => world.endOutage());
  },
  cut({ world, endMs }, victim) {
    victim.cut = world.random.pick(CUTS);
    world.after(within(world, endMs, 200, 45_000), () => {
      victim.cut = undefined;
    });
  },
  /** Replies are lost, for a moment all is well, then nothing gets through. */
  flap({ world, endMs }, victim) {
    victim.cut = "replies";
    world.after(within(world, endMs, 2_000, 16_000), () => {
      victim.cut = undefined;
      world.after(within(world, endMs, 100, 3_000), () => {
        victim.cut = "both";
        world.after(within(world, endMs, 10_000, 40_000), () => {
          victim.cut = undefined;
        });
      });
    });
  },
  jumpWallClock({ world }, victim) {
    victim.clock.wallOffsetMs = world.random.between(-HOUR_MS, HOUR_MS);
  },
  driftClock({ world, clockError }, victim) {
    victim.setClockRate(world.random.between(1 - clockError, 1 + clockError));
  },
  forbidToLead({ world, endMs }, victim) {
    const { standing } = victim;
    victim.setStanding({ ...standing, eligible: false });
    world.after(within(world, endMs, 1_000, 30_000), () => victim.setStanding(standing));
  },
};

/** The lease is lost from sight: safe where members agree on the ttl. */
export const DAMAGES: Readonly<Record<string, Fault>> = {
  garble({ world }) {
    if (world.store.read() === null) return;
    world.termsForgotten = true;
    world.store.put(`not a lease ${world.newNonce()}`);
  },
};

/** The store is lost as a whole: safe where moreover an empty store is not taken for a new one. */
export const WIPES: Readonly<Record<string, Fault>> = {
  wipe({ world }) {
    wipe(world);
  },
  /** A frozen agent sees the store empty before and after, and nothing of the term between. */
  wipeTwice({ world, endMs }, victim) {
    wipe(world);
    world.after(within(world, endMs, 500, 3_000), () => victim.pause());
    world.after(within(world, endMs, 5_000, 50_000), () => {
      wipe(world);
      world.after(within(world, endMs, 10, 3_000), () => victim.resume());
    });
  },
  comeBackEmpty({ world, endMs }) {
    world.store.outage = world.random.pick(OUTAGES);
    world.after(within(world, endMs, 200, 30_000), () => {
      wipe(world);
      world.endOutage();
    });
  },
};

function wipe(world: World): void {
  world.termsForgotten = true;
  world.store.wipe();
  world.note("store", "is wiped");
}

/** An operator's force-leader: one read, one compare-and-set a little later. */
export function revoke(world: World, nominee: string, afterMs: number): void {
  const record = world.store.read();
  const lease = record === null ? undefined : world.machine.decodeLease(record.value);
  if (record === null || lease === undefined) return;
  const revoked = lease.holder === null ? {} : { revoked: true };
  const why = `forced to ${nominee}`;
  const next = world.machine.encodeLease({ ...lease, ...revoked, nominee, why, nonce: world.newNonce() });
  world.after(afterMs, () => {
    const { won } = world.store.cas(record, next);
    world.note("operator", won ? `revokes the lease for ${nominee}` : "is too late to revoke");
  });
}

/** A time that ends before the faults do. */
function within(world: World, endMs: number, low: number, high: number): number {
  return Math.max(0, Math.min(world.random.spread(low, high), endMs - world.nowMs));
}

function sitOutMs({ world, endMs, ttlMs }: FaultScene): number {
  return Math.max(0, Math.min(ttlMs, endMs - world.nowMs));
}
