/** Guarantees G2 and G3 while nobody can lead: agents push an aged price by fallback, and the fence keeps it to one. */
import { afterEach, describe, expect, test } from "bun:test";
import { type Hex, hexToNumber, slice } from "viem";
import { botTag } from "../../src/fence/tag.ts";
import { fallbackAfter } from "./support/leaderships.ts";
import { metric } from "./support/metric.ts";
import { SteppedWorld } from "./support/stepped-world.ts";

const AGENTS = 3;
const ROUNDS = 4;
const FALLBACK_AFTER_S = 350;
const POLL_S = 10;
/** FALLBACK_AFTER_S, the poll that notices, and a block. */
const ROUND_S = FALLBACK_AFTER_S + 2 * POLL_S;
const LAST_TERM = 41;

let world: SteppedWorld;

afterEach(() => world.stop());

/** Bot tag and term that an update's calldata ends with. */
function tagOf(input: Hex): { readonly bot: Hex; readonly term: number } {
  return { bot: slice(input, -12, -8), term: hexToNumber(slice(input, -8, -4)) };
}

for (const fence of ["nonce", "contract"] as const) {
  describe(`with the ${fence} fence`, () => {
    test("G2, G3: three agents with a fallback grant push each aged price exactly once, in the last term", async () => {
      world = await SteppedWorld.start({ fence, bots: AGENTS });
      const { lastUpdateS: firstS } = await world.net.oracleState();
      const leaderships = Array.from({ length: AGENTS }, () => fallbackAfter(FALLBACK_AFTER_S, LAST_TERM));
      const agents = [];
      for (const [botIndex, leadership] of leaderships.entries()) {
        agents.push(await world.agent({}, { botIndex, leadership }));
      }
      for (let round = 0; round < ROUNDS; round++) {
        await world.net.feed.setAnswer(world.net.settings.ethUsd8);
        await world.pass(ROUND_S, POLL_S / 2);
      }

      const updates = await world.net.updates();
      const gapsS = updates.map(
        ({ timestampS }, index) => timestampS - (updates[index - 1]?.timestampS ?? firstS),
      );
      expect(updates.length).toBeGreaterThanOrEqual(ROUNDS - 1);
      for (const gapS of gapsS) {
        expect(gapS).toBeGreaterThanOrEqual(FALLBACK_AFTER_S);
        expect(gapS).toBeLessThanOrEqual(ROUND_S);
      }
      expect(agents.flatMap(({ failures }) => failures)).toEqual([]);
      expect(agents.map(({ updater }) => updater.snapshot().pausedBy)).toEqual([
        undefined,
        undefined,
        undefined,
      ]);

      const landed = agents.flatMap((agent) => agent.landed);
      expect(landed.map(({ as }) => as)).toEqual(updates.map(() => "fallback"));
      const counted = await Promise.all(agents.map((agent) => metric(agent, "oracle_fallback_pushes_total")));
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(updates.length);
      const pushing = agents
        .flatMap(({ log }) => log.matching('"msg":"Pushing"'))
        .map((line) => JSON.parse(line));
      expect(new Set(pushing.map(({ as }) => as))).toEqual(new Set(["fallback"]));

      const tags = agents.map(({ botId }) => botTag(botId));
      for (const { transactionHash } of updates) {
        const { input } = await world.net.jeju.client.getTransaction({ hash: transactionHash });
        expect(tags).toContain(tagOf(input).bot);
        expect(tagOf(input).term).toBe(LAST_TERM);
      }
      // Never asked without the age, or no fallback could be granted.
      for (const { agesMs } of leaderships) expect(agesMs.filter((ageMs) => ageMs === undefined)).toEqual([]);
    }, 60_000);
  });
}
