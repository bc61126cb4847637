import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mockAggregatorAbi } from "@jeju-oracle/contracts/MockAggregator";
import {
  crash,
  feedStall,
  type Localnet,
  type LocalnetOptions,
  manipulation,
  randomWalk,
  readReplayRows,
  replayCsv,
  runScenario,
  SCENARIO_NAMES,
  type ScenarioName,
  spike,
  startLocalnet,
  uniswapV3PoolAbi,
} from "../src/index.ts";

const USD = 10n ** 8n;
const WAD = 10n ** 18n;
const started: Localnet[] = [];

/** On chains that stand still a scenario makes the time pass itself, as fast as the machine can. */
async function start(options: LocalnetOptions = {}): Promise<Localnet> {
  const net = await startLocalnet({ baseBlockTimeMs: "manual", jejuBlockTimeMs: "manual", ...options });
  started.push(net);
  return net;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((net) => net.stop()));
});

/** Every feed round and pool tick that the chain recorded, with its time. */
async function history(net: Localnet) {
  const [rounds, swaps] = await Promise.all([
    net.base.client.getContractEvents({
      address: net.addresses.feed,
      abi: mockAggregatorAbi,
      eventName: "AnswerUpdated",
      fromBlock: 0n,
      strict: true,
    }),
    net.base.client.getContractEvents({
      address: net.addresses.pool,
      abi: uniswapV3PoolAbi,
      eventName: "Swap",
      fromBlock: 0n,
      strict: true,
    }),
  ]);
  return {
    answers: rounds.slice(1).map(({ args }) => ({ answer: args.current, atS: Number(args.updatedAt) })),
    ticks: swaps.map(({ args }) => args.tick),
  };
}

const startTimestampS = 1_700_000_000;

describe("random-walk", () => {
  test("same seed, same feed answers and ticks; another seed, another market", async () => {
    const walks = await Promise.all(
      [7, 7, 8].map(async (seed) => {
        const net = await start({ startTimestampS });
        await randomWalk(net, { seed, steps: 60 });
        return history(net);
      }),
    );
    expect(walks[0]!.ticks.length).toBe(60);
    expect(walks[0]!.answers.length).toBeGreaterThan(3);
    expect(walks[1]).toEqual(walks[0]!);
    expect(walks[2]!.ticks).not.toEqual(walks[0]!.ticks);
    expect(walks[2]!.answers).not.toEqual(walks[0]!.answers);
  });

  test("the feed publishes at 0.15 % or after 20 minutes, and not otherwise", async () => {
    const net = await start({ startTimestampS });
    await randomWalk(net, { seed: 3, steps: 100, stepS: 60, ethSpreadPpm: 300 });
    const { answers } = await history(net);
    for (const [i, { answer, atS }] of answers.entries()) {
      const previous = answers[i - 1];
      if (previous === undefined) continue;
      const movedPpm = (Math.abs(Number(answer - previous.answer)) / Number(previous.answer)) * 1e6;
      expect(movedPpm >= 1_499 || atS - previous.atS >= 1_200).toBe(true);
      expect(atS - previous.atS).toBeLessThanOrEqual(1_260);
    }
  });
});

describe("shocks", () => {
  test("spike: the feed goes up by 6 % in more than one round, and comes back", async () => {
    const net = await start({ ethUsd8: 3_000n * USD });
    await spike(net);
    const answers = (await history(net)).answers.map(({ answer }) => answer);
    expect(answers.reduce((a, b) => (a > b ? a : b))).toBe(3_180n * USD);
    expect(answers.at(-1)).toBe(3_000n * USD);
    expect(answers.length).toBeGreaterThan(8);
  });

  test("crash: both prices end where they were told to, in many steps", async () => {
    const net = await start({ ethUsd8: 3_000n * USD });
    await crash(net);
    expect(await net.feed.ethUsd8()).toBe(2_400n * USD);
    expect(Number(await net.market.elizaPerEth18()) / 1e18).toBeCloseTo(34_500, 6);
    expect((await history(net)).answers.length).toBeGreaterThan(30);
  });

  for (const direction of ["dearer", "cheaper"] as const) {
    test(`manipulation, ${direction}: ten times for five blocks, then back, and the feed never moves`, async () => {
      const net = await start();
      const blocks: bigint[] = [];
      await manipulation(net, { direction });
      const swaps = await net.base.client.getContractEvents({
        address: net.addresses.pool,
        abi: uniswapV3PoolAbi,
        eventName: "Swap",
        fromBlock: 0n,
        strict: true,
      });
      for (const { blockNumber } of swaps) blocks.push(blockNumber);
      expect(blocks.length).toBe(2);
      expect(blocks[1]! - blocks[0]!).toBe(6n);
      // Ten times is 23,027 ticks.
      const honest = await net.market.tick();
      expect(Math.abs(Math.abs(swaps[0]!.args.tick - honest) - 23_027)).toBeLessThanOrEqual(1);
      expect(Number(await net.market.elizaPerEth18()) / 1e18).toBeCloseTo(30_000, 6);
      expect((await history(net)).answers.length).toBe(1);
    });
  }

  test("feed-stall: no round for 40 minutes while the pool trades, then the feed catches up", async () => {
    const net = await start({ startTimestampS });
    await feedStall(net, { stepS: 60 });
    const { answers, ticks } = await history(net);
    expect(answers[0]!.atS).toBe(startTimestampS);
    expect(answers[1]!.atS).toBe(startTimestampS + 2_400);
    expect(ticks.length).toBe(42);
    expect(net.feed.stalled).toBe(false);
  });
});

describe("running and stopping", () => {
  for (const name of SCENARIO_NAMES) {
    test(`${name}: plays on running chains, and an abort ends it at once`, async () => {
      const net = await start({ baseBlockTimeMs: 100, jejuBlockTimeMs: 100, speedUp: 60 });
      const abort = new AbortController();
      const told = Promise.withResolvers<string>();
      const running = runScenario(net, name satisfies ScenarioName, {
        signal: abort.signal,
        onProgress: told.resolve,
      });
      expect((await told.promise).length).toBeGreaterThan(10);
      abort.abort();
      const abortedAtMs = performance.now();
      await running;
      expect(performance.now() - abortedAtMs).toBeLessThan(500);
    });
  }

  test("a stopped Base ends a scenario with an error that says so", async () => {
    const net = await start({ baseBlockTimeMs: 100, jejuBlockTimeMs: 100, speedUp: 60 });
    await net.base.pause();
    await expect(randomWalk(net)).rejects.toMatchObject({ code: "chain-paused" });
  });
});

describe("replay-csv", () => {
  const HEADER =
    "utc_minute,eth_usd_close,eth_usd_low,eth_usd_high,token_weth_close_tick,token_weth_low_tick,token_weth_high_tick";
  const GOOD = [
    "00:00,1806.65,1806.47,1806.65,29515,29515,29515",
    "00:01,1799.5,1790.12345678,1806.65,29515,29515,29515",
    "00:02,1800,1799.5,1805,29700,29500,29800",
  ];
  let folder: string | undefined;

  async function write(...lines: readonly string[]): Promise<string> {
    folder ??= await mkdtemp(join(tmpdir(), "localnet-replay-"));
    const path = join(folder, `${crypto.randomUUID()}.csv`);
    await Bun.write(path, `${lines.join("\n")}\n`);
    return path;
  }

  afterAll(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  test("rows become exact prices: dollars with 8 decimals, ticks times the ratio", async () => {
    const rows = await readReplayRows({ path: await write(HEADER, ...GOOD), from: "00:01" });
    expect(rows.map(({ minute }) => minute)).toEqual(["00:01", "00:02"]);
    expect(rows[0]!.ethUsd8).toEqual({
      close: 179_950_000_000n,
      low: 179_012_345_678n,
      high: 180_665_000_000n,
    });
    expect(Number(rows[0]!.elizaPerEth18.close) / 1e18).toBeCloseTo(1.0001 ** 29_515 * 1_500, 4);
  });

  test("the feed follows Chainlink's rule and the pool follows the ticks by real swaps", async () => {
    const path = await write(HEADER, ...GOOD);
    const first = (await readReplayRows({ path }))[0]!;
    const net = await start({
      ethUsd8: first.ethUsd8.close,
      elizaPerEth18: first.elizaPerEth18.close,
      startTimestampS,
    });
    const minutes: string[] = [];
    await replayCsv(net, { path, onMinute: ({ minute }) => minutes.push(minute) });
    expect(minutes).toEqual(["00:00", "00:01", "00:02"]);
    expect(await net.base.timestampS()).toBe(startTimestampS + 180);
    const { answers, ticks } = await history(net);
    expect(answers.map(({ answer }) => answer)).toEqual([
      180_665_000_000n, // where it began
      179_012_345_678n, // the low of 00:01
      179_950_000_000n, // its close
      180_500_000_000n, // the high of 00:02
      180_000_000_000n, // its close
    ]);
    // Ticks are relative to the first one: the ratio is a constant shift.
    const shift = Math.round(Math.log(1_500) / Math.log(1.0001));
    expect(ticks.length).toBe(3);
    for (const [i, tick] of [29_500, 29_800, 29_700].entries()) {
      expect(Math.abs(ticks[i]! - tick - shift)).toBeLessThanOrEqual(1);
    }
  });

  test("a close beyond low or high, as recorded days have it, widens the range", async () => {
    const path = await write(HEADER, "00:00,1795.48,1795.66,1795.66,29515,29515,29515");
    const [row] = await readReplayRows({ path });
    expect(row!.ethUsd8).toEqual({ close: 179_548_000_000n, low: 179_548_000_000n, high: 179_566_000_000n });
  });

  test("minutes that are missing pass all the same", async () => {
    const path = await write(HEADER, GOOD[0]!, "00:30,1806.65,1806.65,1806.65,29515,29515,29515");
    const net = await start({ ethUsd8: 180_665_000_000n, startTimestampS });
    await replayCsv(net, { path });
    expect(await net.base.timestampS()).toBe(startTimestampS + 31 * 60);
  });

  const broken: readonly (readonly [string, readonly string[], string])[] = [
    ["a missing column", ["00:03,1800,1799,1801,29515,29515"], ":5: 6 columns"],
    [
      "a price that is not a number",
      ["00:03,abc,1799,1801,29515,29515,29515"],
      ':5: column 2 (eth_usd_close) is "abc"',
    ],
    ["a price of zero", ["00:03,1800,0,1801,29515,29515,29515"], ":5: column 3 (eth_usd_low)"],
    [
      "a fractional tick",
      ["00:03,1800,1799,1801,29515.5,29515,29515"],
      ":5: column 5 (token_weth_close_tick)",
    ],
    [
      "a tick beyond Uniswap's",
      ["00:03,1800,1799,1801,29515,29515,900000"],
      ":5: column 7 (token_weth_high_tick)",
    ],
    ["a low above the high", ["00:03,1800,1801,1800,29515,29515,29515"], ":5: column 3 (eth_usd_low)"],
    ["a minute that does not exist", ["00:60,1800,1799,1801,29515,29515,29515"], ":5: column 1 (utc_minute)"],
    ["minutes out of order", ["00:01,1800,1799,1801,29515,29515,29515"], ":5: column 1 (utc_minute)"],
    ["an empty line", [""], ":5: 1 columns"],
  ];
  for (const [what, lines, message] of broken) {
    test(`${what} is refused with file, line, column and the fix`, async () => {
      const path = await write(HEADER, ...GOOD, ...lines, "23:59,1800,1799,1801,29515,29515,29515");
      const failure = readReplayRows({ path });
      await expect(failure).rejects.toThrow(`${path}${message}`);
      await expect(failure).rejects.toMatchObject({
        code: "localnet-input",
        nextStep: expect.stringMatching(/^Give /),
      });
    });
  }

  test("a wrong header, a missing file and an empty range are refused", async () => {
    await expect(readReplayRows({ path: await write("time,price", ...GOOD) })).rejects.toThrow(
      "the header is",
    );
    await expect(readReplayRows({ path: "/does/not/exist.csv" })).rejects.toThrow("does not exist");
    const path = await write(HEADER, ...GOOD);
    await expect(readReplayRows({ path, from: "05:00" })).rejects.toThrow("has no row from 05:00");
    await expect(readReplayRows({ path, from: "5:00" })).rejects.toThrow('from is "5:00"');
  });

  test("an hour passes on running chains in a second, and stays in step with chain time", async () => {
    const minutes = Array.from(
      { length: 60 },
      (_, i) => `00:${String(i).padStart(2, "0")},1800,1800,1800,29515,29515,29515`,
    );
    const path = await write(HEADER, ...minutes);
    const net = await start({
      baseBlockTimeMs: 50,
      jejuBlockTimeMs: 50,
      speedUp: 3_600,
      ethUsd8: 1_800n * USD,
      elizaPerEth18: 28_690n * WAD,
    });
    const startS = net.clock.nowS();
    await replayCsv(net, { path });
    const elapsedS = net.clock.nowS() - startS;
    expect(elapsedS).toBeGreaterThanOrEqual(3_600);
    // Nothing but heartbeats: at most one in 20 minutes.
    const { answers } = await history(net);
    expect(answers.length).toBeGreaterThanOrEqual(3);
    for (const [i, { atS }] of answers.entries())
      if (i > 0) expect(atS - answers[i - 1]!.atS).toBeGreaterThanOrEqual(1_200);
  });

  // A real day is not part of the repository: REPLAY_CSV names one. Without it there is nothing to check.
  const realDay = process.env.REPLAY_CSV;
  if (realDay !== undefined) {
    test("the recorded day given in REPLAY_CSV is read whole and played", async () => {
      const rows = await readReplayRows({ path: realDay });
      const { ethUsd8, elizaPerEth18 } = rows[0]!;
      const net = await start({ ethUsd8: ethUsd8.close, elizaPerEth18: elizaPerEth18.close });
      await replayCsv(net, { path: realDay });
      const offBy = (await net.market.elizaPerEth18()) - rows.at(-1)!.elizaPerEth18.close;
      expect(offBy > -1_000_000_000n && offBy < 1_000_000_000n).toBe(true);
    }, 60_000);
  }

  test("parameters that make no sense are refused by name", async () => {
    const net = await start();
    await expect(manipulation(net, { factor: 1.5 })).rejects.toThrow("factor is 1.5");
    await expect(crash(net, { ethFallBps: 10_000 })).rejects.toThrow("ethFallBps is 10000");
    await expect(randomWalk(net, { stepS: 0 })).rejects.toThrow("stepS is 0");
  });
});
