/** A pool that remembers one observation, as many do: what an operator is told, what cures it, what serves until then. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { captureLog } from "@jeju-oracle/kit/testing";
import type { Address, Hex } from "viem";
import { loadOracleConfig } from "../../src/config.ts";
import { checkStartup, type StartupReport } from "../../src/startup-check.ts";
import { SteppedWorld } from "./support/stepped-world.ts";

const MIN_WINDOW_S = 300;
const TRADE_EVERY_S = 20;

let world: SteppedWorld;

beforeEach(async () => {
  world = await SteppedWorld.start({ observationCardinality: 1 });
  await trade();
});

afterEach(() => world.stop());

/** Two swaps in one block: the pool's last observation is now, and its price is as before. */
async function trade(): Promise<void> {
  const price = await world.net.market.elizaPerEth18();
  await world.net.market.moveByBps(5);
  await world.net.market.moveTo(price);
}

/** A busy market: swaps more often than the shortest accepted window. */
async function passTrading(seconds: number): Promise<void> {
  for (let passedS = 0; passedS < seconds; passedS += TRADE_EVERY_S) {
    await world.pass(TRADE_EVERY_S, TRADE_EVERY_S / 2);
    await trade();
    if (passedS % 1_000 === 0) await world.net.feed.setAnswer(world.net.settings.ethUsd8);
  }
}

function startupReport(env: Record<string, string> = {}): Promise<StartupReport> {
  const config = loadOracleConfig({ ...world.net.env(), ...env });
  return checkStartup(config, { clock: world.clock, logger: captureLog().logger });
}

describe("checkStartup on a pool with one observation", () => {
  test("is no problem of the configuration, but a note that names the pool, the remedy and the stopgap", async () => {
    const { problems, notes, unreachable } = await startupReport();
    expect({ problems, unreachable }).toEqual({ problems: [], unreachable: [] });
    expect(notes[0]).toContain(`${world.net.addresses.pool} keeps 1 observations, 901 cover TWAP_WINDOW_S`);
    expect(notes[0]).toContain("cannot be read now");
    expect(notes[0]).toContain("set ALLOW_SAMPLED_MEDIAN=true");
    expect((await startupReport({ ALLOW_SAMPLED_MEDIAN: "true" })).notes[0]).toContain(
      "median of own samples serves",
    );
  }, 60_000);

  test("gives the transaction that cures it: sent as printed, by anybody, the average serves from then on", async () => {
    const { notes } = await startupReport();
    const cure = /^cure: anyone sends, on Base, to (0x[0-9a-fA-F]{40}): (0x[0-9a-f]+)$/.exec(notes[1] ?? "");
    const [, to, data] = cure ?? [];
    const { client } = world.net.base;
    const hash = await client.sendTransaction({
      account: world.net.keys.trader.address,
      chain: null,
      to: to as Address,
      data: data as Hex,
      gas: 30_000_000n,
    });
    await world.net.base.mine();
    expect((await client.getTransactionReceipt({ hash })).status).toBe("success");

    const agent = await world.agent();
    await trade();
    await passTrading(MIN_WINDOW_S - 2 * TRADE_EVERY_S);
    const early = agent.looks.at(-1)?.source;
    expect(early).toMatchObject({ kind: "rejection", code: "twap-window-too-short" });
    await passTrading(4 * TRADE_EVERY_S);
    expect(agent.looks.at(-1)?.source).toMatchObject({
      kind: "quote",
      averaging: "twap",
      windowS: MIN_WINDOW_S,
    });
    await world.passUntil("the heartbeat landed", () => agent.landed.length === 1, 60);
    await passTrading(1_800);
    expect(agent.looks.at(-1)?.source).toMatchObject({ kind: "quote", averaging: "twap", windowS: 1_800 });
    expect((await startupReport()).notes).toEqual([]);
  }, 60_000);
});

describe("while nobody has cured it", () => {
  test("every reading is rejected as twap-window-too-short, and nothing is pushed", async () => {
    const agent = await world.agent();
    await passTrading(3 * MIN_WINDOW_S);
    const codes = agent.looks.map(({ source }) => (source.kind === "rejection" ? source.code : source.kind));
    expect([...new Set(codes)]).toEqual(["twap-window-too-short"]);
    expect(codes.length).toBeGreaterThan(50);
    expect(await world.net.updates()).toEqual([]);
    expect(agent.updater.snapshot().lastDecision).toMatchObject({ reason: "source-rejected" });
  }, 60_000);

  test("with ALLOW_SAMPLED_MEDIAN=true the median of own samples serves after TWAP_MIN_WINDOW_S, not before", async () => {
    const agent = await world.agent({ ALLOW_SAMPLED_MEDIAN: "true" });
    const startedS = agent.looks[0]?.nowS ?? 0n;
    await passTrading(2 * MIN_WINDOW_S);
    const first = agent.looks.find(({ source }) => source.kind === "quote");
    const waitedS = Number((first?.nowS ?? 0n) - startedS);
    expect(waitedS).toBeGreaterThanOrEqual(MIN_WINDOW_S);
    expect(waitedS).toBeLessThanOrEqual(MIN_WINDOW_S + 2 * TRADE_EVERY_S);
    expect(first?.source).toMatchObject({ kind: "quote", averaging: "sampled-median" });
    const [update] = await world.net.updates();
    expect(update).toMatchObject({ ethUsd8: world.net.settings.ethUsd8 });

    // A median: a swap held for a fifth of the window changes nothing.
    const price = await world.net.market.elizaPerEth18();
    const seen = agent.looks.length;
    for (const manipulated of [price / 10n, price * 10n]) {
      await world.net.market.moveTo(manipulated);
      await passTrading(MIN_WINDOW_S / 5);
      await world.net.market.moveTo(price);
      await passTrading(MIN_WINDOW_S);
    }
    const medians = agent.looks
      .slice(seen)
      .map(({ source }) => (source.kind === "quote" ? source.elizaUsd8 : 0n));
    expect([...new Set(medians)]).toEqual([update?.elizaUsd8 ?? 0n]);
  }, 60_000);
});
