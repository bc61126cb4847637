/**
 * What holds whatever happens: the machine is fed events in any order, with any record as the answer, and late outcomes of writes
 * that it gave up. The one thing that holds of the shell is that every request has one outcome.
 */
import { expect, test } from "bun:test";
import type { StoreRecord } from "@jeju-oracle/kit";
import fc from "fast-check";
import type { Effect, EventBody } from "../../src/election/election-types.ts";
import { Judge } from "./support/judge.ts";
import { identity, Machine, recordOf, stored, TTL_MS } from "./support/machine.ts";

/** Undefined: there is what was there before. */
type Change = { readonly record: StoreRecord | null } | undefined;

type Action =
  | { readonly kind: "tick" }
  | { readonly kind: "wait"; readonly forMs: number | "due" }
  | {
      readonly kind: "answer look";
      readonly change: Change;
      readonly isDead: boolean;
      readonly fails: boolean;
    }
  | {
      readonly kind: "answer write";
      readonly which: number;
      readonly outcome: "won" | "lost" | "unknown";
      readonly change: Change;
      readonly isDead: boolean;
    }
  | { readonly kind: "resign"; readonly sitOutMs: number }
  | { readonly kind: "stop" }
  | { readonly kind: "eligible"; readonly is: boolean };

const holder = fc.constantFrom(null, identity("a"), identity("a", "a-0"), identity("b"));
const term = fc.integer({ min: 0, max: 9 });
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant({ record: null }) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        term,
        holder,
        ttlMs: fc.constantFrom(TTL_MS / 2, TTL_MS, 2 * TTL_MS),
        more: fc.constantFrom({}, { revoked: true }, { nominee: "a" }, { revoked: true, nominee: "b" }),
      })
      .map(({ more, ...lease }) => ({ record: recordOf({ ...lease, ...more }) })),
  },
  { weight: 1, arbitrary: term.map((low) => ({ record: recordOf({ term: low, quarantined: true }) })) },
  { weight: 1, arbitrary: fc.constant("not a lease").map((text) => ({ record: stored(text) })) },
);

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ kind: "tick" }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("wait"),
      forMs: fc.oneof(fc.constant("due" as const), fc.integer({ min: 0, max: 12_000 })),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("answer look"),
      change,
      isDead: fc.boolean(),
      fails: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("answer write"),
      which: fc.nat(),
      outcome: fc.constantFrom("won", "won", "lost", "unknown"),
      change,
      isDead: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("resign"),
      sitOutMs: fc.integer({ min: 0, max: 30_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("eligible"), is: fc.boolean() }) },
);

type Outstanding = Extract<Effect, { kind: "write" }>;

/** The store and the shell around one machine, as unhelpful as they may be. */
class Adversary {
  readonly machine: Machine;
  readonly judge: Judge;
  readonly writes: Outstanding[] = [];
  looks = 0;
  elections = 0;
  current: StoreRecord | null = null;

  constructor(claimEmptyAtOnce: boolean) {
    this.machine = new Machine("a", { claimEmptyAtOnce });
    this.judge = new Judge(this.machine);
  }

  act(next: Action): void {
    switch (next.kind) {
      case "tick":
        this.feed({ type: "tick" });
        break;
      case "wait":
        this.machine.nowMs = next.forMs === "due" ? this.dueMs() : this.machine.nowMs + next.forMs;
        this.judge.judgeLeading();
        break;
      case "answer look":
        this.answerLook(next);
        break;
      case "answer write":
        this.answerWrite(next);
        break;
      case "resign":
        this.feed({ type: "resign", why: "ill", sitOutMs: next.sitOutMs });
        break;
      case "stop":
        this.feed({ type: "stop", why: "shut down" });
        break;
      case "eligible":
        this.machine.standing = { eligible: next.is, claimDelayMs: 0 };
        break;
      default:
        next satisfies never;
    }
  }

  answerLook({ change: toRecord, isDead, fails }: Extract<Action, { kind: "answer look" }>): void {
    if (this.looks === 0) return;
    this.looks--;
    if (fails) {
      this.feed({ type: "look-failed" });
      return;
    }
    this.changed(toRecord);
    this.feed({ type: "looked", lease: this.current, holderIsDead: isDead });
  }

  answerWrite({ which, outcome, change: toRecord, isDead }: Extract<Action, { kind: "answer write" }>): void {
    const [write] = this.writes.splice(which % Math.max(1, this.writes.length), 1);
    if (write === undefined) return;
    const { next } = write;
    if (outcome === "unknown") this.feed({ type: "write-unknown", next });
    else if (outcome === "won") {
      this.current = stored(next);
      this.feed({ type: "write-won", next, record: this.current });
    } else {
      this.changed(toRecord);
      this.feed({ type: "write-lost", next, current: this.current, holderIsDead: isDead });
    }
  }

  changed(toRecord: Change): void {
    if (toRecord !== undefined) this.current = toRecord.record;
  }

  dueMs(): number {
    const dueMs = this.machine.dueMs();
    return Number.isFinite(dueMs) ? Math.max(dueMs, this.machine.nowMs) : this.machine.nowMs;
  }

  feed(event: EventBody): void {
    for (const effect of this.judge.feed(event)) {
      if (effect.kind === "look") this.looks++;
      if (effect.kind === "write") this.writes.push(effect);
      if (effect.kind === "elected") this.elections++;
    }
  }
}

const RUNS = { numRuns: 2_000, includeErrorInReport: true };

test("G1: whatever happens, an agent leads only by its own write, claims only what is free, and repeats nothing that it gave up", () => {
  let elections = 0;
  fc.assert(
    fc.property(fc.boolean(), fc.array(action, { minLength: 40, maxLength: 120 }), (isLocal, actions) => {
      const adversary = new Adversary(isLocal);
      for (const next of actions) adversary.act(next);
      elections += adversary.elections;
    }),
    RUNS,
  );
  expect(elections).toBeGreaterThan(500);
}, 60_000);

test("an agent that was told to stop wants nothing but to let its lease go, and is done within a ttl", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), fc.array(action, { maxLength: 60 }), (before, after) => {
      const adversary = new Adversary(false);
      for (const next of before) adversary.act(next);
      adversary.act({ kind: "stop" });
      const endMs = adversary.machine.nowMs + TTL_MS;
      for (const next of after) adversary.act(next);
      adversary.machine.nowMs = Math.max(adversary.machine.nowMs, endMs);
      adversary.act({ kind: "tick" });
      return adversary.machine.state.role === "stopped";
    }),
    RUNS,
  );
}, 60_000);

test("a tick that is due does something or moves the next one: the shell never spins", () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(action, { maxLength: 120 }), (isLocal, actions) => {
      const adversary = new Adversary(isLocal);
      const { machine } = adversary;
      for (const next of actions) {
        adversary.act(next);
        if (machine.dueMs() > machine.nowMs) continue;
        adversary.act({ kind: "tick" });
        // What a tick brought about may be due at once; not a second time.
        if (machine.dueMs() <= machine.nowMs) adversary.act({ kind: "tick" });
        if (machine.dueMs() <= machine.nowMs) return false;
      }
      return true;
    }),
    RUNS,
  );
}, 60_000);
