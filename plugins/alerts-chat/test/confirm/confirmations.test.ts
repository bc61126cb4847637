import { describe, expect, test } from "bun:test";
import { BaseError } from "@jeju-oracle/kit";
import { digestPieceOf, encodeButton } from "../../src/confirm/buttons.ts";
import type { Filed } from "../../src/confirm/proposal-book.ts";
import {
  type Agent,
  ALICE,
  BOB,
  CAROL,
  createAgent,
  createWorld,
  PLACE,
  pressOf,
  type World,
} from "./support/bench-of-agents.ts";

const wish = (proposer = ALICE) =>
  ({ action: "count", params: { n: 1 }, proposer, via: "human", reason: "test", place: PLACE }) as const;

async function proposeCard({ confirmations }: Agent, proposer = ALICE): Promise<Filed> {
  const filed = await confirmations.propose(wish(proposer));
  return confirmations.bind(filed, "card");
}

function confirmData({ proposal }: Filed): string {
  return encodeButton({ kind: "confirm", id: proposal.id, digestPiece: digestPieceOf(proposal.digest) });
}

const cancelData = ({ proposal }: Filed) => encodeButton({ kind: "cancel", id: proposal.id });

async function stateOf(agent: Agent, { proposal }: Filed) {
  return (await agent.book.find(proposal.id))?.proposal;
}

describe("a confirmation", () => {
  test("runs the action once, observes it, and the audit says who did what when", async () => {
    const world = createWorld();
    const agent = createAgent(world, "bot-1", "critical");
    const card = await proposeCard(agent);
    expect(world.runs).toBe(0);
    const result = await agent.confirmations.press(pressOf(BOB, confirmData(card)));
    expect(result).toMatchObject({ kind: "done", text: "verified: counted" });
    expect(world.runs).toBe(1);
    expect(await stateOf(agent, card)).toMatchObject({
      state: "verified",
      confirmedBy: "bob",
      proposer: "alice",
    });
    expect(world.notes.map(({ who, what }) => `${who} ${what}`)).toEqual([
      "alice proposed",
      "bob confirmed",
      "bob executing",
      "bob verified",
    ]);
  });

  test("on the other host than the proposal was made on", async () => {
    const world = createWorld();
    const card = await proposeCard(createAgent(world, "bot-1", "critical"));
    const other = createAgent(world, "bot-2", "critical");
    expect(await other.confirmations.press(pressOf(BOB, confirmData(card)))).toMatchObject({ kind: "done" });
    expect((await stateOf(other, card))?.executor?.botId).toBe("bot-2");
  });

  test("by its proposer is refused when critical, and the audit has it", async () => {
    const world = createWorld();
    const agent = createAgent(world, "bot-1", "critical");
    const card = await proposeCard(agent);
    const result = await agent.confirmations.press(pressOf(ALICE, confirmData(card)));
    expect(result).toMatchObject({ kind: "refused", refusal: "needs-second-person" });
    expect(world.runs).toBe(0);
    expect(world.notes.at(-1)).toMatchObject({ who: "alice", what: "refused" });
  });

  test("of a state that has changed shows the difference and does nothing", async () => {
    const world = createWorld();
    const agent = createAgent(world, "bot-1", "normal");
    const card = await proposeCard(agent);
    world.leader = "bot-9";
    const result = await agent.confirmations.press(pressOf(BOB, confirmData(card)));
    expect(result).toMatchObject({ refusal: "changed" });
    expect(result?.text).toContain("leader was bot-1 and is bot-9");
    expect(world.runs).toBe(0);
  });

  test("delivered twice by the platform counts once", async () => {
    const world = createWorld();
    const agent = createAgent(world, "bot-1", "normal");
    const press = pressOf(BOB, confirmData(await proposeCard(agent)), "same-event");
    await agent.confirmations.press(press);
    expect(await agent.confirmations.press(press)).toMatchObject({ refusal: "duplicate" });
    expect(world.runs).toBe(1);
  });

  test("after its time is refused, and the proposal ends as expired", async () => {
    const world = createWorld();
    const agent = createAgent(world, "bot-1", "normal");
    const card = await proposeCard(agent);
    await world.clock.advance(120_000);
    expect(await agent.confirmations.press(pressOf(BOB, confirmData(card)))).toMatchObject({
      refusal: "expired",
    });
    await agent.confirmations.lookAfter();
    expect(await stateOf(agent, card)).toMatchObject({ state: "expired" });
  });

  test("of a cancelled or superseded proposal is refused", async () => {
    const world = createWorld();
    const agent = createAgent(world, "bot-1", "normal");
    const cancelled = await proposeCard(agent);
    await agent.confirmations.press(pressOf(CAROL, cancelData(cancelled)));
    const superseded = await proposeCard(agent);
    await proposeCard(agent);
    for (const card of [cancelled, superseded]) {
      expect(await agent.confirmations.press(pressOf(BOB, confirmData(card)))).toMatchObject({
        refusal: "not-awaiting",
      });
    }
    expect(world.runs).toBe(0);
  });

  test("that overtakes the binding of its card waits for it", async () => {
    const world = createWorld();
    const agent = createAgent(world, "bot-1", "normal");
    const filed = await agent.confirmations.propose(wish());
    const pressed = agent.confirmations.press(pressOf(BOB, confirmData(filed)));
    await world.clock.advance(500);
    expect(world.runs).toBe(0);
    await agent.confirmations.bind(filed, "card");
    await world.clock.advance(500);
    expect(await pressed).toMatchObject({ kind: "done" });
    expect(world.runs).toBe(1);
  });

  test("a button that is no card's is not for us", async () => {
    const agent = createAgent(createWorld(), "bot-1", "normal");
    expect(await agent.confirmations.press(pressOf(BOB, "ack:1"))).toBeUndefined();
  });

  test("while the store is out of reach does nothing and says so", async () => {
    const world = createWorld();
    const agent = createAgent(world, "bot-1", "normal");
    const card = await proposeCard(agent);
    world.server.faultOf = () => ({ drop: "request" });
    const result = await agent.confirmations.press(pressOf(BOB, confirmData(card)));
    expect(result).toMatchObject({ kind: "refused", refusal: "store-unavailable" });
    expect(world.runs).toBe(0);
  });
});

describe("an action that fails", () => {
  const certain = new BaseError("refused", { code: "x", retryable: false, nextStep: "-" });

  test("and had its effect is verified: what counts is what is observed", async () => {
    const world = createWorld();
    world.failure = certain;
    const agent = createAgent(world, "bot-1", "normal");
    const card = await proposeCard(agent);
    await agent.confirmations.press(pressOf(BOB, confirmData(card)));
    expect(await stateOf(agent, card)).toMatchObject({ state: "verified" });
  });

  test("and certainly had none has failed, with the reason", async () => {
    const world = createWorld();
    world.failure = certain;
    Object.defineProperty(world, "effect", { get: () => false, set: () => undefined });
    const agent = createAgent(world, "bot-1", "normal");
    const card = await proposeCard(agent);
    await agent.confirmations.press(pressOf(BOB, confirmData(card)));
    expect(await stateOf(agent, card)).toMatchObject({
      state: "failed",
      observed: "x: refused; not counted",
    });
  });
});

test("an action that was begun is never told as not done, and found out by reading once the store answers", async () => {
  const world = createWorld();
  const agent = createAgent(world, "bot-1", "normal");
  const card = await proposeCard(agent);
  let writes = 0;
  world.server.faultOf = ({ kind }) => {
    if (kind === "cas") writes += 1;
    return kind === "cas" && writes > 2 ? { drop: "request" } : undefined;
  };
  const result = await agent.confirmations.press(pressOf(BOB, confirmData(card)));
  expect(result).toMatchObject({ kind: "refused", refusal: "outcome-unknown" });
  expect(result?.text).toContain("Do not repeat it.");
  world.server.faultOf = () => undefined;
  await agent.confirmations.lookAfter();
  expect(await stateOf(agent, card)).toMatchObject({ state: "verified" });
  expect(world.runs).toBe(1);
});

describe("an executor that dies", () => {
  /** Presses on an agent whose process stops at `at`: nothing after it happens. */
  async function dieAt(at: "before-execute" | "inside" | "after-execute"): Promise<[World, Agent, Filed]> {
    const world = createWorld();
    const never = new Promise<never>(() => undefined);
    const dying = createAgent(world, "bot-1", "normal");
    const card = await proposeCard(dying);
    let writes = 0;
    if (at === "inside") world.inside = never;
    world.server.faultOf = ({ client, kind }) => {
      if (client !== "bot-1" || kind !== "cas") return undefined;
      writes += 1;
      // Claim, then "executing", then the end.
      const last = at === "before-execute" ? 1 : 2;
      return writes > last ? { requestAfter: never } : undefined;
    };
    void dying.confirmations.press(pressOf(BOB, confirmData(card)));
    await world.clock.advance(10);
    const other = createAgent(world, "bot-2", "normal", () => false);
    return [world, other, card];
  }

  test("before it began: cancelled, never run", async () => {
    const [world, other, card] = await dieAt("before-execute");
    await other.confirmations.lookAfter();
    expect(await stateOf(other, card)).toMatchObject({ state: "cancelled" });
    expect(world.runs).toBe(0);
  });

  test("in the middle: what is observed decides, and nobody runs it again", async () => {
    const [world, other, card] = await dieAt("inside");
    world.effect = false;
    await other.confirmations.lookAfter();
    expect(await stateOf(other, card)).toMatchObject({ state: "unknown" });
    await other.confirmations.lookAfter();
    expect(world.runs).toBe(1);
  });

  test("after it had its effect: verified by reading", async () => {
    const [world, other, card] = await dieAt("after-execute");
    await other.confirmations.lookAfter();
    expect(await stateOf(other, card)).toMatchObject({ state: "verified" });
    expect(world.runs).toBe(1);
  });
});

test("10,000 random interleavings of presses on two agents: every action ran at most once, and never unconfirmed", async () => {
  const random = mulberry32(20_231_125);
  let confirmed = 0;
  for (let schedule = 0; schedule < 10_000; schedule++) {
    const world = createWorld();
    const pause = async () => {
      for (let turns = Math.floor(random() * 4); turns > 0; turns--) await Promise.resolve();
    };
    const risk = random() < 0.5 ? "normal" : "critical";
    const agents = ["bot-1", "bot-2"].map((botId) => createAgent(world, botId, risk, () => true, pause));
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const proposer = pick([ALICE, BOB, CAROL]);
    const card = await proposeCard(pick(agents), proposer);
    const presses = Array.from({ length: 2 + Math.floor(random() * 5) }, () => {
      const data = random() < 0.15 ? cancelData(card) : confirmData(card);
      const principal = pick([ALICE, BOB, CAROL]);
      return { principal, result: pick(agents).confirmations.press(pressOf(principal, data)) };
    });
    const results = await Promise.all(presses.map(({ result }) => result));
    const done = results.filter((result) => result?.kind === "done" && result.proposal.state === "verified");
    expect(world.runs).toBeLessThanOrEqual(1);
    expect(done).toHaveLength(world.runs);
    const final = await stateOf(pick(agents), card);
    if (world.runs === 1) {
      confirmed += 1;
      expect(final?.state).toBe("verified");
      if (risk === "critical") expect(final?.confirmedBy).not.toBe(proposer.id);
    }
  }
  expect(confirmed).toBeGreaterThan(5_000);
}, 120_000);

/** A small seeded generator: the same schedules at every run. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
