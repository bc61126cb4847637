import { describe, expect, test } from "bun:test";
import { type CompareAndSetResult, type StoreRecord, StoreUnavailableError } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import type { ElectionConfig, Standing } from "../../src/election/election-types.ts";
import { Elector, type ElectorPorts } from "../../src/election/elector.ts";
import { decodeLease, encodeLease } from "../../src/election/lease-record.ts";
import { identityOf, leaseRecord, recordOf } from "../fleet/support/listings.ts";

const CONFIG: ElectionConfig = {
  self: identityOf("a"),
  lockPlace: undefined,
  ttlMs: 20_000,
  renewMs: 5_000,
  marginMs: 4_000,
  pollMs: 1_000,
  retryMs: 250,
  nomineeGraceMs: 3_000,
  claimEmptyAtOnce: true,
};

/** A lease in a store of one record, and every way in which the ports of an elector can fail. */
class Bench {
  readonly clock = new SimulatedClock();
  record: StoreRecord | null = null;
  readonly asked: string[] = [];
  readonly told: string[] = [];
  readonly defects: string[] = [];
  standing: Standing = { eligible: true, claimDelayMs: 0 };
  /** Awaited by each request before it arrives. */
  hold: Promise<unknown> | undefined;
  /** What the store says of a write, instead of carrying it out. */
  answer: CompareAndSetResult | undefined;
  readonly broken: Partial<Record<keyof ElectorPorts, Error>> = {};
  readonly elector: Elector;

  constructor() {
    this.elector = new Elector(CONFIG, {
      clock: this.clock,
      look: async () => {
        this.asked.push("look");
        await this.hold;
        if (this.broken.look !== undefined) throw this.broken.look;
        return this.record;
      },
      write: async (previous, next) => {
        this.asked.push(decodeLease(next)?.holder == null ? "release" : "write");
        await this.hold;
        if (this.broken.write !== undefined) throw this.broken.write;
        return this.answer ?? this.#compareAndSet(previous, next);
      },
      isDead: () => this.#or("isDead", false),
      standing: () => this.#or("standing", this.standing),
      report: () => this.#or("report", { well: true }),
      on: (effect) => {
        this.told.push(effect.kind);
        this.#or("on", undefined);
      },
      defect: (what) => this.defects.push(what),
    });
  }

  heldBy(botId: string): void {
    this.record = leaseRecord(identityOf(botId), ++this.#version);
  }

  async lead(): Promise<void> {
    this.elector.start();
    await this.clock.advance(50);
    expect(this.elector.leads()).toBe(true);
    this.asked.length = 0;
  }

  #version = 0;

  #compareAndSet(previous: StoreRecord | null, next: string): CompareAndSetResult {
    if (previous?.version !== this.record?.version) return { won: false, current: this.record };
    this.record = recordOf("lease", next, ++this.#version);
    return { won: true, record: this.record };
  }

  #or<T>(port: keyof ElectorPorts, value: T): T {
    const error = this.broken[port];
    if (error !== undefined) throw error;
    return value;
  }
}

describe("a hint", () => {
  test("brings a look at once instead of at the next poll", async () => {
    const bench = new Bench();
    bench.heldBy("b");
    bench.elector.start();
    await bench.clock.advance(200);
    bench.elector.lookSoon();
    await bench.clock.advance(0);
    expect(bench.asked).toEqual(["look", "look"]);
  });

  test("that comes while a look is under way brings another one after it: the answer may be older", async () => {
    const bench = new Bench();
    const reply = Promise.withResolvers<void>();
    bench.heldBy("b");
    bench.hold = reply.promise;
    bench.elector.start();
    await bench.clock.advance(200);
    for (let hint = 0; hint < 5; hint++) bench.elector.lookSoon();
    bench.hold = undefined;
    reply.resolve();
    await bench.clock.advance(150);
    expect(bench.asked).toEqual(["look", "look"]);
  });

  test("makes a leader renew at once, and once more after a renewal that was under way", async () => {
    const bench = new Bench();
    await bench.lead();
    await bench.clock.advance(1_000);
    const reply = Promise.withResolvers<void>();
    bench.hold = reply.promise;
    bench.elector.lookSoon();
    await bench.clock.advance(200);
    bench.elector.lookSoon();
    bench.hold = undefined;
    reply.resolve();
    await bench.clock.advance(150);
    expect(bench.asked).toEqual(["write", "write"]);
  });

  test("makes a leader find out at once that its lease was revoked", async () => {
    const bench = new Bench();
    await bench.lead();
    await bench.clock.advance(1_000);
    const lease = decodeLease(bench.record!.value)!;
    bench.record = recordOf(
      "lease",
      encodeLease({ ...lease, revoked: true, nominee: "b", nonce: "by-ops-1" }),
      "x",
    );
    bench.elector.lookSoon();
    await bench.clock.advance(10);
    expect(bench.elector.leads()).toBe(false);
    expect(decodeLease(bench.record.value)).toMatchObject({ holder: null, nominee: "b" });
  });

  test("of a watch that never rests costs ten looks a second", async () => {
    const bench = new Bench();
    bench.heldBy("b");
    bench.elector.start();
    for (let ms = 0; ms < 10_000; ms++) {
      bench.elector.lookSoon();
      await bench.clock.advance(1);
    }
    expect(bench.asked.length).toBeLessThanOrEqual(101);
    expect(bench.asked.length).toBeGreaterThan(50);
  });

  test("does nothing before the start, and nothing after the end", async () => {
    const bench = new Bench();
    bench.elector.lookSoon();
    bench.elector.resign("never started", 1_000);
    await bench.clock.advance(60_000);
    expect(bench.asked).toEqual([]);
    expect(await bench.elector.stop("never started", 1_000)).toBe(true);

    bench.heldBy("b");
    bench.elector.start();
    await bench.clock.advance(100);
    await bench.elector.stop("over", 1_000);
    bench.asked.length = 0;
    bench.elector.lookSoon();
    await bench.clock.advance(60_000);
    expect(bench.asked).toEqual([]);
  });
});

describe("an elector goes on", () => {
  for (const port of ["standing", "report", "on", "isDead"] as const) {
    test(`when ${port} throws, and tells of it`, async () => {
      const bench = new Bench();
      bench.broken[port] = new TypeError("undefined is not a function");
      bench.elector.start();
      // It watches another's lease first, so that it asks whether that one is dead.
      bench.heldBy("b");
      await bench.clock.advance(60_000);
      expect(bench.elector.leads()).toBe(true);
      await bench.clock.advance(60_000);
      expect(bench.elector.leads()).toBe(true);
      expect(bench.defects.length).toBeGreaterThan(0);
      delete bench.broken[port];
      expect(await bench.elector.stop("over", 1_000)).toBe(true);
    });
  }

  test("when a request fails for a reason that no store gives, and tells of it; a store's own failure it does not", async () => {
    for (const [error, defects] of [
      [new TypeError("undefined is not a function"), true],
      [new StoreUnavailableError("no answer"), false],
    ] as const) {
      const bench = new Bench();
      bench.broken.look = error;
      bench.elector.start();
      await bench.clock.advance(10_000);
      expect(bench.asked.length).toBeGreaterThan(10);
      delete bench.broken.look;
      await bench.clock.advance(1_000);
      expect(bench.elector.leads()).toBe(true);
      bench.broken.write = error;
      await bench.clock.advance(30_000);
      expect(bench.elector.leads()).toBe(false);
      delete bench.broken.write;
      await bench.clock.advance(1_000);
      expect(bench.elector.leads()).toBe(true);
      expect(bench.defects.length > 0).toBe(defects);
    }
  });

  test("when a store says that a write deleted the lease: nobody knows what is there", async () => {
    const bench = new Bench();
    bench.answer = { won: true, record: null };
    bench.elector.start();
    await bench.clock.advance(10);
    expect(bench.elector.leads()).toBe(false);
    expect(bench.defects).toHaveLength(1);
    bench.answer = undefined;
    await bench.clock.advance(1_000);
    expect(bench.elector.leads()).toBe(true);
  });
});

describe("stopping", () => {
  test("lets the lease go although the listener of the election throws", async () => {
    const bench = new Bench();
    await bench.lead();
    bench.broken.on = new TypeError("undefined is not a function");
    expect(await bench.elector.stop("over", 1_000)).toBe(true);
    expect(decodeLease(bench.record!.value)).toMatchObject({ holder: null });
  });

  test("lets the lease go and resolves when that is done", async () => {
    const bench = new Bench();
    await bench.lead();
    const stopped = bench.elector.stop("over", 1_000);
    expect(bench.asked).toEqual(["release"]);
    expect(bench.elector.leads()).toBe(false);
    expect(await stopped).toBe(true);
    expect(decodeLease(bench.record!.value)).toMatchObject({ holder: null, why: "over" });
  });

  test("gives up at the deadline and asks nothing more", async () => {
    const bench = new Bench();
    await bench.lead();
    bench.hold = new Promise(() => undefined);
    const stopped = bench.elector.stop("over", 1_000);
    await bench.clock.advance(999);
    expect(Bun.peek.status(stopped)).toBe("pending");
    await bench.clock.advance(1);
    expect(await stopped).toBe(false);
    await bench.clock.advance(60_000);
    expect(bench.asked).toEqual(["release"]);
    expect(bench.elector.role).toBe("stopped");
  });

  test("settles a renewal that is under way before it lets go", async () => {
    const bench = new Bench();
    await bench.lead();
    const reply = Promise.withResolvers<void>();
    bench.hold = reply.promise;
    await bench.clock.advance(CONFIG.renewMs);
    const stopped = bench.elector.stop("over", 1_000);
    await bench.clock.advance(500);
    bench.hold = undefined;
    reply.resolve();
    expect(await stopped).toBe(true);
    expect(bench.asked).toEqual(["write", "release"]);
  });
});

test("who leads is judged by the clock at the moment of the question, not at the last step", async () => {
  const bench = new Bench();
  await bench.lead();
  const jump = bench.clock.monotonicMs.bind(bench.clock);
  const validForMs = bench.elector.validForMs();
  let asleepMs = validForMs - 1;
  bench.clock.monotonicMs = () => jump() + asleepMs;
  expect(bench.elector.validForMs()).toBe(1);
  // The host slept on for a millisecond.
  asleepMs = validForMs;
  expect(bench.elector.leads()).toBe(false);
  expect(bench.elector.validForMs()).toBe(0);
});
