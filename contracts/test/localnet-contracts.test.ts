import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Address, encodeDeployData, encodeFunctionData, type Hex, parseEther } from "viem";
import { mockAggregatorAbi, mockAggregatorBytecode } from "../artifacts/MockAggregator.ts";
import {
  pausableManualPriceOracleAbi,
  pausableManualPriceOracleBytecode,
} from "../artifacts/PausableManualPriceOracle.ts";
import { paymasterAbi, paymasterBytecode } from "../artifacts/Paymaster.ts";
import { poolCallerAbi } from "../artifacts/PoolCaller.ts";
import { testERC20Abi, testERC20Bytecode } from "../artifacts/TestERC20.ts";
import { weth9Abi, weth9Bytecode } from "../artifacts/WETH9.ts";
import { type Anvil, startAnvil } from "./support/anvil.ts";
import { account, type Chain, connect, deploy, passTime, refusalOf, send } from "./support/chain.ts";
import { deployOracle, encodeOracleWrite } from "./support/oracle.ts";
import { initialPrices, usd } from "./support/prices.ts";
import { deployMarket, type Market, poolAbi, sqrtPriceOfOneX96 } from "./support/uniswap.ts";

const owner = account(0);
const stranger = account(1);

let anvil: Anvil;
let chain: Chain;

beforeAll(async () => {
  anvil = await startAnvil();
  chain = connect(anvil);
});
afterAll(() => anvil.stop());

describe("PausableManualPriceOracle", () => {
  const abi = pausableManualPriceOracleAbi;
  const encode = (functionName: "pause" | "unpause") => encodeFunctionData({ abi, functionName });

  test("paused, it refuses updates but not the owner's emergency price; only the owner pauses", async () => {
    const args = [initialPrices.ethUsd, initialPrices.elizaUsd, owner] as const;
    const bytecode = pausableManualPriceOracleBytecode;
    const oracle = await deploy(chain, owner, encodeDeployData({ abi, bytecode, args }));
    const paused = () => chain.readContract({ address: oracle, abi, functionName: "paused" });
    const update = encodeOracleWrite("updatePrices", initialPrices);

    expect(await refusalOf(chain, abi, { from: stranger, to: oracle, data: encode("pause") })).toEqual({
      name: "OwnableUnauthorizedAccount",
      args: [stranger],
    });
    await send(chain, { from: owner, to: oracle, data: encode("pause") });
    expect(await paused()).toBe(true);
    expect((await refusalOf(chain, abi, { from: owner, to: oracle, data: update })).name).toBe(
      "EnforcedPause",
    );
    const emergency = encodeOracleWrite("emergencyPriceUpdate", { ...initialPrices, ethUsd: usd(9_000) });
    expect((await send(chain, { from: owner, to: oracle, data: emergency })).status).toBe("success");
    await send(chain, { from: owner, to: oracle, data: encode("unpause") });
    expect(await paused()).toBe(false);
    const next = encodeOracleWrite("updatePrices", { ...initialPrices, ethUsd: usd(9_001) });
    expect((await send(chain, { from: owner, to: oracle, data: next })).status).toBe("success");
  });
});

describe("Paymaster", () => {
  const abi = paymasterAbi;

  test("quotes gas in elizaOS while the price is fresh and nobody paused it", async () => {
    const oracle = await deployOracle(chain, owner);
    const data = encodeDeployData({ abi, bytecode: paymasterBytecode, args: [oracle, owner] });
    const paymaster = await deploy(chain, owner, data);
    const quote = encodeFunctionData({ abi, functionName: "quote", args: [parseEther("0.001")] });
    const refusal = () => refusalOf(chain, abi, { from: stranger, to: paymaster, data: quote });
    const operational = () => chain.readContract({ address: paymaster, abi, functionName: "isOperational" });

    expect(
      await chain.readContract({
        address: paymaster,
        abi,
        functionName: "quote",
        args: [parseEther("0.001")],
      }),
    ).toBe(parseEther("30"));
    expect(await operational()).toBe(true);

    const pause = encodeFunctionData({ abi, functionName: "pause" });
    expect((await refusalOf(chain, abi, { from: stranger, to: paymaster, data: pause })).name).toBe(
      "OwnableUnauthorizedAccount",
    );
    await send(chain, { from: owner, to: paymaster, data: pause });
    expect([await operational(), (await refusal()).name]).toEqual([false, "EnforcedPause"]);
    await send(chain, {
      from: owner,
      to: paymaster,
      data: encodeFunctionData({ abi, functionName: "unpause" }),
    });
    await passTime(chain, 3_700n);
    expect([await operational(), (await refusal()).name]).toEqual([false, "StalePrice"]);
  });
});

describe("MockAggregator", () => {
  const abi = mockAggregatorAbi;
  let feed: Address;
  const latest = () => chain.readContract({ address: feed, abi, functionName: "latestRoundData" });
  const call = (data: Hex) => send(chain, { from: stranger, to: feed, data });

  beforeAll(async () => {
    const args = [8, "ETH / USD", usd(3_100)] as const;
    feed = await deploy(chain, owner, encodeDeployData({ abi, bytecode: mockAggregatorBytecode, args }));
  });

  test("each new answer is a complete round of its own, at the block's time", async () => {
    const receipt = await call(encodeFunctionData({ abi, functionName: "setAnswer", args: [usd(3_200)] }));
    const { timestamp } = await chain.getBlock({ blockHash: receipt.blockHash });
    expect(await latest()).toEqual([2n, usd(3_200), timestamp, timestamp, 2n]);
    expect(await chain.readContract({ address: feed, abi, functionName: "decimals" })).toBe(8);
    expect(await chain.readContract({ address: feed, abi, functionName: "description" })).toBe("ETH / USD");
    const first = await chain.readContract({ address: feed, abi, functionName: "getRoundData", args: [1n] });
    expect([first[0], first[1]]).toEqual([1n, usd(3_100)]);
  });

  test("any round can be forged, however impossible, and any decimals", async () => {
    const roundId = (5n << 64n) | 7n;
    const args = [roundId, -1n, 0n, 2n ** 40n, roundId - 1n] as const;
    await call(encodeFunctionData({ abi, functionName: "setRoundData", args }));
    expect(await latest()).toEqual([...args]);
    await call(encodeFunctionData({ abi, functionName: "setDecimals", args: [18] }));
    expect(await chain.readContract({ address: feed, abi, functionName: "decimals" })).toBe(18);
  });

  test("a round that never was has no data", async () => {
    const data = encodeFunctionData({ abi, functionName: "getRoundData", args: [99n] });
    expect(await refusalOf(chain, abi, { from: stranger, to: feed, data })).toEqual({
      name: "NoDataPresent",
      args: [99n],
    });
  });

  test("its code works at any address, from empty storage", async () => {
    const address = "0x71041dddad3595F9CEd3DcCFBe3D1F4b0a16Bb70";
    const code = await chain.getCode({ address: feed });
    await chain.setCode({ address, bytecode: code! });
    const args = [3n, usd(3_000), 10n, 20n, 3n] as const;
    const data = encodeFunctionData({ abi, functionName: "setRoundData", args });
    await send(chain, { from: stranger, to: address, data });
    expect(await chain.readContract({ address, abi, functionName: "latestRoundData" })).toEqual([...args]);
  });
});

describe("tokens", () => {
  test("TestERC20 has the name, symbol and decimals it was given, and anyone mints", async () => {
    const args = ["elizaOS", "ELIZA", 9] as const;
    const abi = testERC20Abi;
    const token = await deploy(chain, owner, encodeDeployData({ abi, bytecode: testERC20Bytecode, args }));
    const data = encodeFunctionData({ abi, functionName: "mint", args: [owner, 5n] });
    await send(chain, { from: stranger, to: token, data });
    const read = { address: token, abi } as const;
    expect([
      await chain.readContract({ ...read, functionName: "name" }),
      await chain.readContract({ ...read, functionName: "symbol" }),
      await chain.readContract({ ...read, functionName: "decimals" }),
      await chain.readContract({ ...read, functionName: "balanceOf", args: [owner] }),
    ]).toEqual(["elizaOS", "ELIZA", 9, 5n]);
  });

  test("WETH9 wraps, moves within balance and allowance, and unwraps", async () => {
    const abi = weth9Abi;
    const weth = await deploy(chain, owner, encodeDeployData({ abi, bytecode: weth9Bytecode }));
    const balanceOf = (address: Address) =>
      chain.readContract({ address: weth, abi, functionName: "balanceOf", args: [address] });
    const transferFrom = (wad: bigint) =>
      encodeFunctionData({ abi, functionName: "transferFrom", args: [owner, stranger, wad] });

    await send(chain, { from: owner, to: weth, data: "0x", value: 10n });
    expect(await balanceOf(owner)).toBe(10n);
    expect(await refusalOf(chain, abi, { from: stranger, to: weth, data: transferFrom(1n) })).toEqual({
      name: "InsufficientAllowance",
      args: [0n, 1n],
    });
    await send(chain, {
      from: owner,
      to: weth,
      data: encodeFunctionData({ abi, functionName: "approve", args: [stranger, 6n] }),
    });
    await send(chain, { from: stranger, to: weth, data: transferFrom(4n) });
    expect([await balanceOf(owner), await balanceOf(stranger)]).toEqual([6n, 4n]);
    const withdraw = (wad: bigint) => encodeFunctionData({ abi, functionName: "withdraw", args: [wad] });
    await send(chain, { from: stranger, to: weth, data: withdraw(3n) });
    expect(await refusalOf(chain, abi, { from: stranger, to: weth, data: withdraw(2n) })).toEqual({
      name: "InsufficientBalance",
      args: [1n, 2n],
    });
    expect(await chain.readContract({ address: weth, abi, functionName: "totalSupply" })).toBe(7n);
  });
});

describe("PoolCaller on the real Uniswap v3 pool", () => {
  const abi = poolCallerAbi;
  const range = [-60_000, 60_000] as const;
  const liquidity = 10n ** 24n;
  let market: Market;

  beforeAll(async () => {
    market = await deployMarket(chain, owner);
    const args = [market.pool, ...range, liquidity] as const;
    await call(encodeFunctionData({ abi, functionName: "mint", args }));
  });

  const call = async (data: Hex) => {
    const receipt = await send(chain, { from: owner, to: market.caller, data });
    expect(receipt.status).toBe("success");
    return receipt;
  };
  const poolPrice = async () =>
    (await chain.readContract({ address: market.pool, abi: poolAbi, functionName: "slot0" }))[0];
  const poolLiquidity = () =>
    chain.readContract({ address: market.pool, abi: poolAbi, functionName: "liquidity" });
  const balances = () =>
    Promise.all(
      market.tokens.map((address) =>
        chain.readContract({ address, abi: testERC20Abi, functionName: "balanceOf", args: [owner] }),
      ),
    );

  test("swapTo lands on exactly the price asked for, up and down and where it is already", async () => {
    expect(await poolLiquidity()).toBe(liquidity);
    for (const target of [
      (sqrtPriceOfOneX96 * 150n) / 100n,
      (sqrtPriceOfOneX96 * 70n) / 100n,
      (sqrtPriceOfOneX96 * 70n) / 100n,
      sqrtPriceOfOneX96,
    ]) {
      await call(encodeFunctionData({ abi, functionName: "swapTo", args: [market.pool, target] }));
      expect(await poolPrice()).toBe(target);
    }
  });

  test("swap takes the exact input from the caller and moves the price with it", async () => {
    const before = await balances();
    const token0 = await chain.readContract({ address: market.pool, abi: poolAbi, functionName: "token0" });
    const index0 = market.tokens.findIndex((token) => token.toLowerCase() === token0.toLowerCase());
    const amountIn = 10n ** 20n;
    const args = [market.pool, true, amountIn, sqrtPriceOfOneX96 / 2n] as const;
    await call(encodeFunctionData({ abi, functionName: "swap", args }));
    const after = await balances();
    expect(before[index0]! - after[index0]!).toBe(amountIn);
    expect(after[1 - index0]!).toBeGreaterThan(before[1 - index0]!);
    expect(await poolPrice()).toBeLessThan(sqrtPriceOfOneX96);
  });

  test("burn returns the liquidity to the caller and leaves the pool empty", async () => {
    const before = await balances();
    await call(encodeFunctionData({ abi, functionName: "burn", args: [market.pool, ...range, liquidity] }));
    const after = await balances();
    expect(await poolLiquidity()).toBe(0n);
    expect(after.every((balance, index) => balance > before[index]!)).toBe(true);
  });
});
