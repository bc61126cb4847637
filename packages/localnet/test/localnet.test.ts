import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { manualPriceOracleAbi } from "@jeju-oracle/contracts/ManualPriceOracle";
import { paymasterAbi } from "@jeju-oracle/contracts/Paymaster";
import { mnemonicToAccount } from "viem/accounts";
import { deriveKeys } from "../src/accounts.ts";
import {
  elizaUsd8Of,
  type Localnet,
  type LocalnetOptions,
  startLocalnet,
  uniswapV3FactoryAbi,
  uniswapV3PoolAbi,
} from "../src/index.ts";
import { childProcesses } from "./support/processes.ts";

const WAD = 10n ** 18n;
const started: Localnet[] = [];

/** In manual mode unless asked otherwise: nothing happens but what the test does. */
async function start(options: LocalnetOptions = {}): Promise<Localnet> {
  const net = await startLocalnet({ baseBlockTimeMs: "manual", jejuBlockTimeMs: "manual", ...options });
  started.push(net);
  return net;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((net) => net.stop()));
});

const pool = (net: Localnet) => ({ address: net.addresses.pool, abi: uniswapV3PoolAbi }) as const;

describe("market", () => {
  for (const tokenOrder of ["eliza-token0", "eliza-token1"] as const) {
    for (const elizaDecimals of [6, 8, 18] as const) {
      test(`${tokenOrder}, ${elizaDecimals} decimals: the pool tells the price that was asked for`, async () => {
        const elizaPerEth18 = 25_431_234_567n * 10n ** 12n;
        const net = await start({ tokenOrder, elizaDecimals, elizaPerEth18, feeTier: 500 });
        const { weth, elizaToken } = net.addresses;
        const expected = tokenOrder === "eliza-token0" ? [elizaToken, weth] : [weth, elizaToken];
        const actual = await Promise.all([
          net.base.client.readContract({ ...pool(net), functionName: "token0" }),
          net.base.client.readContract({ ...pool(net), functionName: "token1" }),
        ]);
        expect(actual.map((address) => address.toLowerCase())).toEqual(expected.map((a) => a.toLowerCase()));
        // One tick is one basis point.
        const tick = await net.market.tick();
        const sign = tokenOrder === "eliza-token0" ? -1 : 1;
        const wholePerEth = 1.0001 ** (sign * tick) * 10 ** (18 - elizaDecimals);
        expect(wholePerEth / 25_431.234567).toBeCloseTo(1, 3);
        const offBy = (await net.market.elizaPerEth18()) - elizaPerEth18;
        expect(offBy * 10_000n < elizaPerEth18 && -offBy * 10_000n < elizaPerEth18).toBe(true);
      });
    }
  }

  test("the pool is the one that the real factory names", async () => {
    const net = await start({ feeTier: 10000 });
    const { factory, weth, elizaToken, pool: address } = net.addresses;
    const named = await net.base.client.readContract({
      address: factory,
      abi: uniswapV3FactoryAbi,
      functionName: "getPool",
      args: [weth, elizaToken, 10000],
    });
    expect(named).toBe(address);
  });

  test("half an hour of price history is there after the start, also with a single observation", async () => {
    for (const observationCardinality of [1, 200, 1200]) {
      const net = await start({ observationCardinality });
      const [ticks] = await net.base.client.readContract({
        ...pool(net),
        functionName: "observe",
        args: [[1800, 0]],
      });
      expect(Number(ticks[1]! - ticks[0]!) / 1800).toBe(await net.market.tick());
      expect((await net.market.state()).observationCardinalityNext).toBe(observationCardinality);
    }
  });

  test("a single observation forgets the past at the next swap", async () => {
    const net = await start({ observationCardinality: 1 });
    await net.advance(12);
    await net.market.moveByBps(100);
    const observed = net.base.client.readContract({
      ...pool(net),
      functionName: "observe",
      args: [[1800, 0]],
    });
    await expect(observed).rejects.toThrow("OLD");
  });

  for (const tokenOrder of ["eliza-token0", "eliza-token1"] as const) {
    test(`${tokenOrder}: the price is moved by real swaps, by price, by tick and by basis points`, async () => {
      const net = await start({ tokenOrder });
      await net.market.moveTo(33_000n * WAD);
      expect(Number(await net.market.elizaPerEth18()) / 1e18).toBeCloseTo(33_000, 6);
      await net.market.moveByBps(-500);
      expect(Number(await net.market.elizaPerEth18()) / 1e18).toBeCloseTo(31_350, 6);
      const before = await net.market.tick();
      for (const tick of [before + 1_000, before - 1_000, before - 1_001, -60, 0, 60]) {
        await net.market.moveToTick(tick);
        expect(await net.market.tick()).toBe(tick);
      }
      const swaps = await net.base.client.getContractEvents({
        ...pool(net),
        eventName: "Swap",
        fromBlock: 0n,
      });
      expect(swaps.length).toBe(8);
    });
  }

  test("selling WETH makes elizaOS dearer, selling elizaOS makes it cheaper", async () => {
    const net = await start();
    await net.market.swap({ sell: "weth", amount: 5n * WAD });
    const dearer = await net.market.elizaPerEth18();
    expect(dearer).toBeLessThan(30_000n * WAD);
    await net.market.swap({ sell: "eliza", amount: 300_000n * WAD });
    expect(await net.market.elizaPerEth18()).toBeGreaterThan(dearer);
  });

  test("liquidity is as deep as asked, can be spiked in one tick, drained and added", async () => {
    const net = await start({ wethDepthWei: 100n * WAD });
    const full = (await net.market.state()).liquidity;
    await net.market.mintOneTick(full * 50n);
    expect((await net.market.state()).liquidity).toBe(full * 51n);
    await net.market.burnOneTick();
    expect((await net.market.state()).liquidity).toBe(full);
    await net.market.removeLiquidity(9_000);
    expect((await net.market.state()).liquidity).toBe(full - (full * 9n) / 10n);
    await net.market.addLiquidity(90n * WAD);
    expect((await net.market.state()).liquidity - full).toBeGreaterThan(-1_000_000n);
    await net.market.removeLiquidity(10_000);
    expect((await net.market.state()).liquidity).toBe(0n);
  });
});

describe("feed and sequencer", () => {
  for (const feedDecimals of [8, 18] as const) {
    test(`${feedDecimals} decimals: the feed tells the price, has just published, and takes new answers`, async () => {
      const net = await start({ feedDecimals });
      const scale = 10n ** BigInt(feedDecimals - 8);
      const first = await net.feed.latestRound();
      expect(first.answer).toBe(3_245_67000000n * scale);
      expect(first.updatedAtS).toBe(await net.base.timestampS());
      await net.advance(30);
      await net.feed.setAnswer(3_300n * 10n ** 8n);
      const second = await net.feed.latestRound();
      expect(second).toEqual({
        roundId: first.roundId + 1n,
        answeredInRound: first.roundId + 1n,
        answer: 3_300n * 10n ** 8n * scale,
        startedAtS: first.updatedAtS + 30,
        updatedAtS: first.updatedAtS + 30,
      });
      expect(await net.feed.ethUsd8()).toBe(3_300n * 10n ** 8n);
    });
  }

  test("a round can be made of any values, and a stalled feed does not publish", async () => {
    const net = await start();
    await net.feed.setRound({ answer: -5n, answeredInRound: 0n, updatedAtS: 0 });
    expect(await net.feed.latestRound()).toMatchObject({ answer: -5n, answeredInRound: 0n, updatedAtS: 0 });
    net.feed.stall();
    expect(await net.feed.setAnswer(1n)).toBe(false);
    expect((await net.feed.latestRound()).answer).toBe(-5n);
    net.feed.unstall();
    expect(await net.feed.setAnswer(1n)).toBe(true);
  });
});

describe("oracle", () => {
  test("it starts with the market's price, fresh, and no update", async () => {
    const net = await start();
    expect(await net.oracleState()).toEqual({
      ethUsd8: 3_245_67000000n,
      elizaUsd8: elizaUsd8Of(3_245_67000000n, 30_000n * WAD),
      lastUpdateS: await net.jeju.timestampS(),
      fresh: true,
    });
    expect(await net.updates()).toEqual([]);
  });

  test("it can start with other prices of any age, older than the pool or younger", async () => {
    for (const ageS of [3_601, 100_000]) {
      const net = await start({ initialOracle: { ethUsd8: 3_000n * 10n ** 8n, ageS } });
      const { ethUsd8, lastUpdateS, fresh } = await net.oracleState();
      expect(ethUsd8).toBe(3_000n * 10n ** 8n);
      expect((await net.jeju.timestampS()) - lastUpdateS).toBe(ageS);
      expect(fresh).toBe(false);
      expect(await net.base.timestampS()).toBe(await net.jeju.timestampS());
    }
  });

  test("an update tells prices, sender, block, time and calldata", async () => {
    const net = await start();
    const { updater } = net.keys;
    await net.advance(5);
    const hash = await net.jeju.client.writeContract({
      account: updater,
      address: net.addresses.oracle,
      abi: manualPriceOracleAbi,
      functionName: "updatePrices",
      args: [3_250n * 10n ** 8n, 10_900_000n],
    });
    await net.jeju.mine();
    const [update] = await net.updates();
    expect(update).toMatchObject({
      ethUsd8: 3_250n * 10n ** 8n,
      elizaUsd8: 10_900_000n,
      transactionHash: hash,
      sender: updater.address.toLowerCase(),
      timestampS: await net.jeju.timestampS(),
      blockNumber: await net.jeju.client.getBlockNumber(),
    });
    expect(update!.calldata.length).toBe(2 + 8 + 128);
  });

  test("the owner can do what an owner can: emergency price, pauses, another updater", async () => {
    const net = await start({ oracle: "pausable" });
    await net.owner.emergencyPriceUpdate(9_000n * 10n ** 8n, 100_000_000n);
    expect((await net.oracleState()).ethUsd8).toBe(9_000n * 10n ** 8n);
    await net.owner.pauseOracle();
    await expect(net.owner.pauseOracle()).rejects.toMatchObject({ code: "local-transaction-failed" });
    await net.owner.unpauseOracle();
    await net.owner.pausePaymaster();
    const paymaster = { address: net.addresses.paymaster, abi: paymasterAbi } as const;
    expect(await net.jeju.client.readContract({ ...paymaster, functionName: "isOperational" })).toBe(false);
    await net.owner.unpausePaymaster();
    expect(await net.jeju.client.readContract({ ...paymaster, functionName: "isOperational" })).toBe(true);
  });
});

describe("agents' environment", () => {
  test("nonce fence: every bot holds the updater's key", async () => {
    const net = await start({ bots: 3 });
    const environments = [net.env(), net.env(1), net.env(2)];
    expect(new Set(environments.map((env) => env.PRICE_UPDATER_PRIVATE_KEY)).size).toBe(1);
    expect(environments.map((env) => env.BOT_ID)).toEqual(["bot-1", "bot-2", "bot-3"]);
    expect(environments[0]).not.toHaveProperty("FENCED_UPDATER_ADDRESS");
    expect(() => net.env(3)).toThrow("no bot 3");
  });

  test("contract fence: a key each, all of them allowed, and the contract is the updater", async () => {
    const net = await start({ bots: 3, fence: "contract" });
    const { fencedUpdater, oracle } = net.addresses;
    expect(new Set([0, 1, 2].map((i) => net.env(i).PRICE_UPDATER_PRIVATE_KEY)).size).toBe(3);
    expect(net.env(2).FENCED_UPDATER_ADDRESS).toBe(fencedUpdater!);
    const contract = { address: oracle, abi: manualPriceOracleAbi } as const;
    expect(await net.jeju.client.readContract({ ...contract, functionName: "priceUpdater" })).toBe(
      fencedUpdater!,
    );
  });

  test("one network is one fleet: its bots share a lock file that no other network has, removed at the end", async () => {
    const [net, other] = await Promise.all([start({ bots: 2 }), start({ bots: 1 })]);
    expect([0, 1].map((bot) => net.env(bot).LEADER_LOCK_FILE)).toEqual([net.lockFile, net.lockFile]);
    expect(other.env().LEADER_LOCK_FILE).not.toBe(net.lockFile);
    writeFileSync(net.lockFile, "what an agent leaves");
    await net.stop();
    expect(existsSync(dirname(net.lockFile))).toBe(false);
    expect(existsSync(dirname(other.lockFile))).toBe(true);
  });

  test("the keys are those of the well-known test mnemonic", () => {
    const mnemonic = "test test test test test test test test test test test junk";
    const { owner, updater, trader, bots } = deriveKeys(2, "contract");
    const expected = [0, 1, 2, 3, 4].map(
      (addressIndex) => mnemonicToAccount(mnemonic, { addressIndex }).address,
    );
    expect([owner, updater, trader, ...bots].map(({ address }) => address)).toEqual(expected);
  });
});

describe("time", () => {
  test("in manual mode both chains advance together, over as many blocks as asked", async () => {
    const net = await start({ startTimestampS: 1_700_000_000 });
    const before = await Promise.all([net.base.client.getBlockNumber(), net.jeju.client.getBlockNumber()]);
    await net.advance(60, { blocks: 30 });
    for (const [i, chain] of [net.base, net.jeju].entries()) {
      const head = await chain.client.getBlock();
      expect(head.timestamp).toBe(1_700_000_060n);
      expect(head.number).toBe(before[i]! + 30n);
      const parent = await chain.client.getBlock({ blockNumber: head.number - 1n });
      expect(parent.timestamp).toBe(1_700_000_058n);
    }
  });

  test("in real time both heads agree with the host, and blocks come by themselves", async () => {
    const net = await start({ baseBlockTimeMs: 100, jejuBlockTimeMs: 50 });
    const heads = await Promise.all(
      [net.base, net.jeju].map(
        (chain) =>
          new Promise<bigint>((resolve, reject) => {
            const stop = chain.client.watchBlocks({
              onBlock: ({ timestamp }) => {
                stop();
                resolve(timestamp);
              },
              onError: reject,
            });
          }),
      ),
    );
    const hostS = Date.now() / 1000;
    for (const timestamp of heads) {
      expect(Number(timestamp)).toBeLessThanOrEqual(hostS);
      expect(Number(timestamp)).toBeGreaterThan(hostS - 3);
    }
  });
});

test("a start that fails leaves no process and no file behind", async () => {
  const before = await childProcesses();
  const usualTmpdir = process.env.TMPDIR;
  const emptyTmpdir = mkdtempSync(join(tmpdir(), "failed-start-"));
  process.env.TMPDIR = emptyTmpdir;
  try {
    const failed = startLocalnet({ initialOracle: { ethUsd8: 1n } });
    await expect(failed).rejects.toMatchObject({ code: "local-transaction-failed" });
    await failed.catch(() => undefined);
    expect(await childProcesses()).toEqual(before);
    expect(readdirSync(emptyTmpdir)).toEqual([]);
  } finally {
    if (usualTmpdir === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usualTmpdir;
    rmSync(emptyTmpdir, { recursive: true });
  }
});

test("an unusable option is refused by name", async () => {
  await expect(startLocalnet({ speedUp: 0 })).rejects.toThrow("speedUp is 0");
  await expect(startLocalnet({ bots: 0 })).rejects.toThrow("bots is 0");
  await expect(startLocalnet({ elizaPerEth18: 0n })).rejects.toThrow("elizaPerEth18 is 0");
});
