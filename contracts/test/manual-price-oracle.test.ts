import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Address, encodeDeployData, parseEventLogs, zeroAddress } from "viem";
import {
  manualPriceOracleAbi as abi,
  manualPriceOracleBytecode as bytecode,
} from "../artifacts/ManualPriceOracle.ts";
import { type Anvil, startAnvil } from "./support/anvil.ts";
import { account, type Chain, connect, passTime, refusalOf, send } from "./support/chain.ts";
import { deployOracle, encodeOracleWrite, encodeSetPriceUpdater } from "./support/oracle.ts";
import { bounds, initialPrices, type Prices, usd } from "./support/prices.ts";

const owner = account(0);
const updater = account(1);
const stranger = account(2);
const oneHour = 3_600n;
const oneDay = 86_400n;

let anvil: Anvil;
let chain: Chain;
let oracle: Address;

beforeAll(async () => {
  anvil = await startAnvil();
  chain = connect(anvil);
});
afterAll(() => anvil.stop());
beforeEach(async () => {
  oracle = await deployOracle(chain, owner);
  await send(chain, { from: owner, to: oracle, data: encodeSetPriceUpdater(updater) });
});

type Write = "updatePrices" | "emergencyPriceUpdate";

const write = (from: Address, name: Write, next: Prices) =>
  send(chain, { from, to: oracle, data: encodeOracleWrite(name, next) });

const refusal = async (from: Address, name: Write, next: Prices) =>
  (await refusalOf(chain, abi, { from, to: oracle, data: encodeOracleWrite(name, next) })).name;

const getPrices = () => chain.readContract({ address: oracle, abi, functionName: "getPrices" });
const isFresh = () => chain.readContract({ address: oracle, abi, functionName: "isPriceFresh" });

const eth = (ethUsd: bigint): Prices => ({ ...initialPrices, ethUsd });
const eliza = (elizaUsd: bigint): Prices => ({ ...initialPrices, elizaUsd });

describe("who may write", () => {
  test("the updater and the owner may update; anyone else is NotAuthorized", async () => {
    expect((await write(updater, "updatePrices", eth(usd(3_010)))).status).toBe("success");
    expect((await write(owner, "updatePrices", eth(usd(3_020)))).status).toBe("success");
    expect(await refusal(stranger, "updatePrices", initialPrices)).toBe("NotAuthorized");
    expect((await write(stranger, "updatePrices", initialPrices)).status).toBe("reverted");
  });

  test("only the owner may write an emergency price or name the updater, and never the zero address", async () => {
    expect(await refusal(updater, "emergencyPriceUpdate", initialPrices)).toBe("OwnableUnauthorizedAccount");
    const setUpdater = (from: Address, next: Address) =>
      refusalOf(chain, abi, { from, to: oracle, data: encodeSetPriceUpdater(next) });
    expect(await setUpdater(updater, stranger)).toEqual({
      name: "OwnableUnauthorizedAccount",
      args: [updater],
    });
    expect(await setUpdater(owner, zeroAddress)).toEqual({ name: "InvalidAddress", args: [] });
  });

  test("a replaced updater is NotAuthorized from then on", async () => {
    const receipt = await send(chain, { from: owner, to: oracle, data: encodeSetPriceUpdater(stranger) });
    expect(parseEventLogs({ abi, logs: receipt.logs })).toMatchObject([
      { eventName: "PriceUpdaterSet", args: { updater: stranger } },
    ]);
    expect(await refusal(updater, "updatePrices", initialPrices)).toBe("NotAuthorized");
  });
});

describe("what a write does", () => {
  test("it stores both prices and the block's time, says so in one event, and costs about 42,000 gas", async () => {
    const next: Prices = { ethUsd: usd(3_100), elizaUsd: usd(0.124) };
    const receipt = await write(updater, "updatePrices", next);
    const { timestamp } = await chain.getBlock({ blockHash: receipt.blockHash });
    expect(await getPrices()).toEqual([next.ethUsd, next.elizaUsd, timestamp, true]);
    expect(parseEventLogs({ abi, logs: receipt.logs })).toMatchObject([
      {
        eventName: "PricesUpdated",
        args: { ethPrice: next.ethUsd, elizaPrice: next.elizaUsd, timestamp },
      },
    ]);
    expect(receipt.gasUsed).toBeGreaterThan(38_000n);
    expect(receipt.gasUsed).toBeLessThan(46_000n);
  });

  test("elizaOS per ETH and the conversion follow from the two prices", async () => {
    await write(updater, "updatePrices", { ethUsd: usd(3_100), elizaUsd: usd(0.124) });
    const read = { address: oracle, abi } as const;
    const oneThousandth = 10n ** 15n;
    expect(await chain.readContract({ ...read, functionName: "getElizaOSPerETH" })).toBe(
      25_000n * 10n ** 18n,
    );
    expect(
      await chain.readContract({ ...read, functionName: "previewConversion", args: [oneThousandth] }),
    ).toBe(25n * 10n ** 18n);
    expect(await chain.readContract({ ...read, functionName: "version" })).toBe("1.0.0");
  });

  test("a price is fresh for exactly one hour", async () => {
    await passTime(chain, 0n);
    const [, , lastUpdate] = await getPrices();
    const { timestamp } = await chain.getBlock();
    await passTime(chain, lastUpdate + oneHour - timestamp);
    expect(await isFresh()).toBe(true);
    await passTime(chain, 1n);
    expect(await isFresh()).toBe(false);
    expect((await getPrices())[3]).toBe(false);
  });
});

describe("bounds", () => {
  const outside: readonly [string, Prices][] = [
    ["ETH below $500", eth(bounds.ethUsd.lowest - 1n)],
    ["ETH above $10,000", eth(bounds.ethUsd.highest + 1n)],
    ["elizaOS below $0.000001", eliza(bounds.elizaUsd.lowest - 1n)],
    ["elizaOS above $10,000", eliza(bounds.elizaUsd.highest + 1n)],
    ["zero", { ethUsd: 0n, elizaUsd: 0n }],
  ];
  const inside: readonly [string, Prices][] = [
    ["the lowest", { ethUsd: bounds.ethUsd.lowest, elizaUsd: bounds.elizaUsd.lowest }],
    ["the highest", { ethUsd: bounds.ethUsd.highest, elizaUsd: bounds.elizaUsd.highest }],
  ];

  test.each(outside)(
    "%s is PriceOutOfBounds for every write and for the constructor",
    async (_name, prices) => {
      expect(await refusal(updater, "updatePrices", prices)).toBe("PriceOutOfBounds");
      expect(await refusal(owner, "emergencyPriceUpdate", prices)).toBe("PriceOutOfBounds");
      const args = [prices.ethUsd, prices.elizaUsd, owner] as const;
      const deployment = encodeDeployData({ abi, bytecode, args });
      expect((await refusalOf(chain, abi, { from: owner, data: deployment })).name).toBe("PriceOutOfBounds");
    },
  );

  test.each(inside)(
    "%s price of each is accepted, by an emergency write at any distance",
    async (_name, prices) => {
      expect((await write(owner, "emergencyPriceUpdate", prices)).status).toBe("success");
      expect((await getPrices()).slice(0, 2)).toEqual([prices.ethUsd, prices.elizaUsd]);
    },
  );

  test("the bounds are judged before the deviation, and the caller before both", async () => {
    expect(await refusal(updater, "updatePrices", eth(usd(20_000)))).toBe("PriceOutOfBounds");
    expect(await refusal(stranger, "updatePrices", eth(usd(20_000)))).toBe("NotAuthorized");
  });
});

describe("the deviation limit counts whole percent of each price", () => {
  /** The largest and the first refused moves from $3,000 and $0.10: 50.99… % still counts as 50. */
  const moves: readonly [string, Prices, boolean][] = [
    ["ETH +50 %", eth(usd(4_500)), true],
    ["ETH just below +51 %", eth(usd(4_530) - 1n), true],
    ["ETH +51 %", eth(usd(4_530)), false],
    ["ETH just below -51 %", eth(usd(1_470) + 1n), true],
    ["ETH -51 %", eth(usd(1_470)), false],
    ["elizaOS just below +51 %", eliza(usd(0.151) - 1n), true],
    ["elizaOS +51 %", eliza(usd(0.151)), false],
    ["elizaOS just below -51 %", eliza(usd(0.049) + 1n), true],
    ["elizaOS -51 %", eliza(usd(0.049)), false],
  ];

  test.each(moves)("%s", async (_name, next, accepted) => {
    if (accepted) {
      expect((await write(updater, "updatePrices", next)).status).toBe("success");
      return;
    }
    expect(await refusal(updater, "updatePrices", next)).toBe("PriceDeviationTooLarge");
    expect(await refusal(owner, "updatePrices", next)).toBe("PriceDeviationTooLarge");
    expect((await write(owner, "emergencyPriceUpdate", next)).status).toBe("success");
  });

  test("a stored price more than 24 hours old may be replaced by any; at 24 hours exactly it may not", async () => {
    const [, , lastUpdate] = await getPrices();
    const wild = eth(usd(9_999));
    const { timestamp } = await chain.getBlock();
    await passTime(chain, lastUpdate + oneDay - timestamp);
    expect(await refusal(updater, "updatePrices", wild)).toBe("PriceDeviationTooLarge");
    await passTime(chain, 1n);
    expect((await write(updater, "updatePrices", wild)).status).toBe("success");
  });
});
