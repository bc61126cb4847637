/** Whole agents that want both leases, through everything that can happen to them and to their store. A seed gives the same troubles. */
import { describe, expect, test } from "bun:test";
import { type Member, RENEW_MS, SimulatedFleet, TTL_MS } from "./support/simulated-fleet.ts";

const SEEDS = 9;
const STEP_MS = 50;
/** Of a step: something happens every 4 s. */
const TROUBLE_PROBABILITY = 0.0125;
const LONGEST_DELAY_MS = 4_000;
const DEADLINE_MS = 60_000;

type Random = () => number;

class Storm {
  readonly fleet: SimulatedFleet;
  readonly #random: Random;
  /** The latest process of each bot id. */
  readonly #latest = new Map<string, Member>();
  readonly #frozenUntilMs = new Map<Member, number>();
  readonly #canBeWiped: boolean;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.#canBeWiped = seed % 3 === 0;
    this.fleet = new SimulatedFleet({ local: !this.#canBeWiped });
    for (const botId of ["a", "b", "c"]) this.#begin(botId);
  }

  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
      await this.fleet.advance(STEP_MS);
      this.#thaw((untilMs) => untilMs <= this.fleet.clock.monotonicMs());
      expect(this.holders("lead").length).toBeLessThanOrEqual(1);
      expect(this.holders("chat").length).toBeLessThanOrEqual(1);
      if (this.#random() < TROUBLE_PROBABILITY) this.#trouble();
    }
  }

  /** Nothing is wrong any more, nor will be. */
  calm(): void {
    this.#trouble = () => undefined;
    this.#thaw(() => true);
    for (const member of this.#latest.values()) {
      member.mend();
      member.lock.chatLease.reportReachable(true);
    }
  }

  holders(lease: "lead" | "chat"): readonly string[] {
    return this.fleet.members
      .filter(({ isDead, leads, lock }) => !isDead && (lease === "lead" ? leads : lock.chatLease.holds()))
      .map(({ identity }) => identity.incarnation);
  }

  #trouble: () => void = () => {
    const members = [...this.#latest.values()].filter((member) => !this.#frozenUntilMs.has(member));
    const member = this.#oneOf(members);
    if (member === undefined) return;
    const { botId, lock } = member;
    const what = this.#oneOf([
      () => member.fault(() => ({ drop: this.#oneOf(["request", "reply"]) ?? "request" })),
      () => member.fault(() => ({ requestAfter: this.#delay(), replyAfter: this.#delay() })),
      () => member.cut(),
      () => member.mend(),
      () => member.mend(),
      () => this.#freeze(member),
      () => lock.chatLease.reportReachable(this.#random() < 0.5),
      () => {
        member.kill();
        this.#begin(botId);
      },
      () => void this.#restartInOrder(member),
      () => (this.#canBeWiped ? this.fleet.server.wipe() : undefined),
    ]);
    what?.();
  };

  #begin(botId: string): void {
    const member = this.fleet.add(botId, { canBeProbed: this.#random() < 0.5 });
    this.#latest.set(botId, member);
    member.lock.chatLease.start();
  }

  /** Between the two stops other plugins end. */
  async #restartInOrder(member: Member): Promise<void> {
    this.#latest.delete(member.botId);
    void member.lock.stopLeading();
    await this.#delay();
    await member.lock.stop();
    member.kill();
    this.#begin(member.botId);
  }

  #freeze(member: Member): void {
    member.freeze();
    this.#frozenUntilMs.set(member, this.fleet.clock.monotonicMs() + this.#random() * 2 * TTL_MS);
  }

  #thaw(isOver: (untilMs: number) => boolean): void {
    for (const [member, untilMs] of this.#frozenUntilMs) {
      if (!isOver(untilMs)) continue;
      this.#frozenUntilMs.delete(member);
      member.thaw();
    }
  }

  #delay(): Promise<void> {
    return new Promise((resolve) => {
      this.fleet.clock.setTimer(this.#random() * LONGEST_DELAY_MS, resolve);
    });
  }

  #oneOf<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#random() * choices.length)];
  }
}

/** mulberry32. */
function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe("neither lease ever has two holders, and each has one when all is well", () => {
  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    "seed %i",
    async (seed) => {
      const storm = new Storm(seed);
      await using _fleet = storm.fleet;
      await storm.pass(20 * TTL_MS);
      storm.calm();
      await storm.pass(6 * TTL_MS + 2 * RENEW_MS);
      expect(storm.holders("lead")).toHaveLength(1);
      expect(storm.holders("chat")).toHaveLength(1);
    },
    DEADLINE_MS,
  );
});
