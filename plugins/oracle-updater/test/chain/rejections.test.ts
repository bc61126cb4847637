/**
 * Guarantee G4: what is wrong with the sources never reaches the chain. For each cause, on real chains and with the
 * production configuration: nothing lands however long it lasts, everybody is told the same reason, and the agent
 * recovers by itself when the cause is gone.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { mockAggregatorAbi } from "@jeju-oracle/contracts/MockAggregator";
import type { LocalnetOptions } from "@jeju-oracle/localnet";
import { healthBody } from "../../src/health-route.ts";
import type { RejectionCode } from "../../src/price/rejection.ts";
import type { Look } from "../../src/updater/events.ts";
import { metric } from "./support/metric.ts";
import { SteppedWorld } from "./support/stepped-world.ts";

const POLL_S = 10;
/** More than two heartbeats, less than the feed's own greatest age. */
const TROUBLE_S = 660;
const WINDOW_S = 1_800;

interface Case {
  readonly code: RejectionCode;
  readonly what: string;
  readonly options?: LocalnetOptions;
  cause(world: SteppedWorld): Promise<void>;
  cure(world: SteppedWorld): Promise<void>;
  /** Time that may pass between the cause and the first rejection, s. Default: the next look. */
  readonly showsWithinS?: number;
  /** Time that may pass between the cure and the next update, s. Default: a few looks. */
  readonly recoversWithinS?: number;
}

const publish = async ({ net }: SteppedWorld) => {
  await net.feed.setAnswer(net.settings.ethUsd8);
};

const answering = (answer: bigint) => async (world: SteppedWorld) => {
  const { roundId } = await world.net.feed.latestRound();
  const round = { roundId: roundId + 1n, answer, answeredInRound: roundId + 1n };
  await world.net.feed.setRound({ ...round, startedAtS: world.nowS, updatedAtS: world.nowS });
};

const feedDecimals = (decimals: number) => (world: SteppedWorld) =>
  world.send("base", world.net.addresses.feed, mockAggregatorAbi, "setDecimals", [decimals]);

/** Code at an address on Base as it was, to bring it back. */
const removedCode = new Map<string, `0x${string}`>();

const removeCode =
  (contract: "feed" | "pool") =>
  async ({ net }: SteppedWorld) => {
    const address = net.addresses[contract];
    removedCode.set(contract, (await net.base.client.getCode({ address })) ?? "0x");
    await net.base.client.setCode({ address, bytecode: "0x" });
  };

const bringCodeBack =
  (contract: "feed" | "pool") =>
  async ({ net }: SteppedWorld) => {
    await net.base.client.setCode({
      address: net.addresses[contract],
      bytecode: removedCode.get(contract) ?? "0x",
    });
  };

const cases: Case[] = [
  {
    code: "feed-stale",
    what: "the feed stalls",
    cause: async ({ net }) => net.feed.stall(),
    showsWithinS: 1_800 + 2 * POLL_S,
    cure: async (world) => {
      world.net.feed.unstall();
      await publish(world);
    },
  },
  { code: "answer-not-positive", what: "the feed answers 0", cause: answering(0n), cure: publish },
  { code: "answer-not-positive", what: "the feed answers below 0", cause: answering(-1n), cure: publish },
  {
    code: "round-incomplete",
    what: "the feed carries an earlier round's answer over",
    cause: async ({ net: { feed } }) => {
      const { roundId } = await feed.latestRound();
      await feed.setRound({ roundId: roundId + 1n, answeredInRound: roundId });
    },
    cure: publish,
  },
  {
    code: "round-incomplete",
    what: "the feed's round has begun but has no time yet",
    cause: async ({ net: { feed } }) => feed.setRound({ updatedAtS: 0 }),
    cure: publish,
  },
  {
    code: "feed-from-future",
    what: "the feed's answer is dated in the future",
    cause: async (world) => world.net.feed.setRound({ updatedAtS: world.nowS + 86_400 }),
    cure: publish,
  },
  {
    code: "feed-wrong-decimals",
    what: "the feed changes its decimals",
    cause: feedDecimals(18),
    cure: feedDecimals(8),
  },
  {
    code: "feed-missing",
    what: "the feed has no code",
    cause: removeCode("feed"),
    cure: bringCodeBack("feed"),
  },
  {
    code: "sequencer-down",
    what: "the sequencer is down",
    cause: ({ net }) => net.sequencer.goDown(),
    // Back, and its grace is over: recovery within the grace is a case of its own.
    cure: async (world) => {
      await world.net.sequencer.comeUp();
      await world.pass(3_600, POLL_S);
      await publish(world);
    },
  },
  {
    code: "sequencer-grace",
    what: "the sequencer has only just come back",
    cause: ({ net }) => net.sequencer.comeUp(),
    cure: async (world) => {
      await world.pass(3_600 - TROUBLE_S, POLL_S);
      await publish(world);
    },
  },
  {
    code: "source-head-stale",
    what: "Base makes no blocks",
    cause: (world) => world.passWithout("base", 100, POLL_S),
    cure: publish,
  },
  {
    code: "pool-missing",
    what: "the pool has no code",
    cause: removeCode("pool"),
    cure: bringCodeBack("pool"),
  },
  {
    code: "liquidity-below-minimum",
    what: "nearly all liquidity leaves the pool",
    cause: ({ net }) => net.market.removeLiquidity(9_990),
    showsWithinS: WINDOW_S,
    // What was missing stays in the average until it leaves the window.
    cure: async (world) => {
      await world.net.market.addLiquidity(world.net.settings.wethDepthWei);
      await world.pass(WINDOW_S, POLL_S);
      await publish(world);
    },
    recoversWithinS: WINDOW_S,
  },
  {
    code: "out-of-bounds",
    what: "ETH costs more than the oracle accepts",
    options: { ethUsd8: 9_950n * 10n ** 8n },
    cause: ({ net }) => net.feed.setAnswer(10_001n * 10n ** 8n).then(() => undefined),
    cure: publish,
  },
  {
    code: "out-of-bounds",
    what: "ETH costs less than the oracle accepts",
    options: { ethUsd8: 505n * 10n ** 8n },
    cause: ({ net }) => net.feed.setAnswer(49_999n * 10n ** 6n).then(() => undefined),
    cure: publish,
  },
];

let world: SteppedWorld;

afterEach(() => world.stop());

const isRejection =
  (code: RejectionCode) =>
  ({ source }: Look) =>
    source.kind === "rejection" && source.code === code;

describe("G4: a source that is not right is not pushed", () => {
  for (const { code, what, options, cause, cure, showsWithinS, recoversWithinS } of cases) {
    test(`${code}: ${what}`, async () => {
      world = await SteppedWorld.start(options);
      const agent = await world.agent();
      expect(agent.looks.at(-1)?.source.kind).toBe("quote");

      await cause(world);
      await world.passUntil(
        code,
        () => agent.looks.slice(-1).some(isRejection(code)),
        showsWithinS ?? 2 * POLL_S,
        POLL_S,
      );
      const atFirst = agent.looks.length - 1;
      const updatesBefore = await world.net.updates();
      if (code === "source-head-stale") await world.passWithout("base", TROUBLE_S, POLL_S);
      else await world.pass(TROUBLE_S, POLL_S);

      const reasons = agent.looks.slice(atFirst).map(({ source, decision }) => ({
        source: source.kind === "rejection" ? source.code : source.kind,
        decision: decision.reason,
      }));
      expect(reasons.length).toBeGreaterThanOrEqual(TROUBLE_S / POLL_S - 1);
      for (const reason of reasons) expect(reason).toEqual({ source: code, decision: "source-rejected" });
      expect(await world.net.updates()).toEqual(updatesBefore);

      const snapshot = agent.updater.snapshot();
      expect(healthBody(snapshot, 0, undefined).decision).toMatchObject({
        kind: "skip",
        reason: "source-rejected",
        detail: expect.stringContaining(`${code}: `),
      });
      expect(snapshot.consecutiveFailures).toBe(0);
      expect(agent.log.matching('"Not pushing"').some((line) => line.includes(`"detail":"${code}: `))).toBe(
        true,
      );
      const rejections = agent.looks.filter(isRejection(code)).length;
      expect(await metric(agent, "oracle_source_rejections_total", { code })).toBe(rejections);
      expect(agent.alerts.get("source-rejected")?.severity).toBe("warning");

      const landedBefore = agent.landed.length;
      await cure(world);
      await world.passUntil(
        "an update landed",
        () => agent.landed.length > landedBefore,
        recoversWithinS ?? 6 * POLL_S,
        POLL_S,
      );
      expect((await world.net.updates()).length).toBe(updatesBefore.length + 1);
      await world.pass(2 * POLL_S);
      expect(agent.alerts.has("source-rejected")).toBe(false);
      expect(agent.looks.at(-1)?.source.kind).toBe("quote");
    }, 60_000);
  }
});
