import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  type Address,
  concat,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
  toHex,
  zeroAddress,
} from "viem";
import {
  fencedPriceUpdaterAbi as abi,
  fencedPriceUpdaterBytecode as bytecode,
} from "../artifacts/FencedPriceUpdater.ts";
import { type Anvil, startAnvil } from "./support/anvil.ts";
import {
  account,
  type Chain,
  connect,
  mineAt,
  type Revert,
  refusalOf,
  send,
  submit,
} from "./support/chain.ts";
import {
  deployFence,
  deployOracle,
  encodeFencedUpdate,
  encodeOracleWrite,
  encodeSetBot,
  encodeSetPriceUpdater,
  type FenceState,
  fenceWithOracleErrorsAbi,
  readFenceState,
} from "./support/oracle.ts";
import { initialPrices, type Prices, usd } from "./support/prices.ts";

const oracleOwner = account(0);
const owner = account(1);
const bot = account(2);
const otherBot = account(3);
const stranger = account(4);
const farDeadline = 2n ** 40n;
const nextPrices: Prices = { ethUsd: usd(3_100), elizaUsd: usd(0.124) };

let anvil: Anvil;
let chain: Chain;
let oracle: Address;
let fence: Address;

beforeAll(async () => {
  anvil = await startAnvil();
  chain = connect(anvil);
});
afterAll(() => anvil.stop());
beforeEach(async () => {
  oracle = await deployOracle(chain, oracleOwner);
  fence = await deployFence(chain, oracle, oracleOwner, owner);
  for (const address of [bot, otherBot])
    await send(chain, { from: owner, to: fence, data: encodeSetBot(address, true) });
});

const state = () => readFenceState(chain, fence);
const update = (from: Address, expected: FenceState, next: Prices = nextPrices, deadline = farDeadline) =>
  send(chain, { from, to: fence, data: encodeFencedUpdate(expected, next, deadline) });

const refusal = (from: Address, data: Hex) =>
  refusalOf(chain, fenceWithOracleErrorsAbi, { from, to: fence, data });
const updateRefusal = (from: Address, expected: FenceState, next = nextPrices, deadline = farDeadline) =>
  refusal(from, encodeFencedUpdate(expected, next, deadline));

const actualState = ({ ethUsd, elizaUsd, lastUpdate, updateCount }: FenceState): Revert => ({
  name: "StateChanged",
  args: [ethUsd, elizaUsd, lastUpdate, updateCount],
});

describe("a bot's update", () => {
  test("lands when the state is the one it saw, and counts, and says what it replaced", async () => {
    const before = await state();
    expect(before).toMatchObject({ ...initialPrices, updateCount: 0n });
    const receipt = await update(bot, before);
    const { timestamp } = await chain.getBlock({ blockHash: receipt.blockHash });
    expect(await state()).toEqual({ ...nextPrices, lastUpdate: timestamp, updateCount: 1n });
    expect(parseEventLogs({ abi, logs: receipt.logs })).toMatchObject([
      { eventName: "PricesForwarded", args: { bot, ...nextPrices, expectedLastUpdate: before.lastUpdate } },
    ]);
  });

  test("costs less than 75,000 gas, the first one included", async () => {
    expect((await update(bot, await state())).gasUsed).toBeLessThan(75_000n);
    const second = await update(otherBot, await state(), { ...nextPrices, ethUsd: usd(3_101) });
    expect(second.status).toBe("success");
    expect(second.gasUsed).toBeLessThan(60_000n);
  });

  test("is accepted with a tag appended to the arguments", async () => {
    const tagged = concat([
      encodeFencedUpdate(await state(), nextPrices, farDeadline),
      toHex("bot-2/term-7"),
    ]);
    expect((await send(chain, { from: bot, to: fence, data: tagged })).status).toBe("success");
    expect(await state()).toMatchObject(nextPrices);
  });

  test("may land at its deadline, but not a second later", async () => {
    const expected = await state();
    const { timestamp } = await chain.getBlock();
    const deadline = timestamp + 10n;
    const data = encodeFencedUpdate(expected, nextPrices, deadline);
    const late = await submit(chain, { from: bot, to: fence, data });
    await mineAt(chain, deadline + 1n);
    expect((await chain.getTransactionReceipt({ hash: late })).status).toBe("reverted");
    expect(await updateRefusal(bot, expected, nextPrices, deadline)).toEqual({
      name: "DeadlinePassed",
      args: [deadline, deadline + 1n],
    });
    const punctual = await submit(chain, {
      from: bot,
      to: fence,
      data: encodeFencedUpdate(expected, nextPrices, deadline + 5n),
    });
    await mineAt(chain, deadline + 5n);
    expect((await chain.getTransactionReceipt({ hash: punctual })).status).toBe("success");
  });
});

describe("typed refusals", () => {
  test("NotABot: strangers, the fence's owner, the oracle's owner and revoked bots, before anything else", async () => {
    const expected = await state();
    await send(chain, { from: owner, to: fence, data: encodeSetBot(otherBot, false) });
    for (const caller of [stranger, owner, oracleOwner, otherBot]) {
      expect(await updateRefusal(caller, { ...expected, updateCount: 99n }, nextPrices, 0n)).toEqual({
        name: "NotABot",
        args: [caller],
      });
    }
  });

  test("StateChanged: any one of the four values differs; the error carries the actual state", async () => {
    const actual = await state();
    const wrong: readonly Partial<FenceState>[] = [
      { ethUsd: actual.ethUsd + 1n },
      { elizaUsd: actual.elizaUsd - 1n },
      { lastUpdate: actual.lastUpdate + 1n },
      { updateCount: 1n },
    ];
    for (const difference of wrong) {
      expect(await updateRefusal(bot, { ...actual, ...difference })).toEqual(actualState(actual));
    }
  });

  test("StateChanged: the second of two bots that decided on the same state, in one block", async () => {
    const seen = await state();
    const { timestamp } = await chain.getBlock();
    const first = await submit(chain, {
      from: bot,
      to: fence,
      data: encodeFencedUpdate(seen, nextPrices, farDeadline),
    });
    const second = await submit(chain, {
      from: otherBot,
      to: fence,
      data: encodeFencedUpdate(seen, nextPrices, farDeadline),
    });
    await mineAt(chain, timestamp);
    expect((await chain.getTransactionReceipt({ hash: first })).status).toBe("success");
    expect((await chain.getTransactionReceipt({ hash: second })).status).toBe("reverted");
    expect((await state()).updateCount).toBe(1n);
  });

  test("StateChanged: A-B-A within one timestamp restores the oracle's three values but not the count", async () => {
    await update(bot, await state());
    const seen = await state();
    const elsewhere: Prices = { ethUsd: usd(3_200), elizaUsd: usd(0.13) };
    const { timestamp } = await chain.getBlock();
    expect(timestamp).toBe(seen.lastUpdate);
    await submit(chain, { from: bot, to: fence, data: encodeFencedUpdate(seen, elsewhere, farDeadline) });
    const between: FenceState = { ...elsewhere, lastUpdate: timestamp, updateCount: seen.updateCount + 1n };
    await submit(chain, { from: otherBot, to: fence, data: encodeFencedUpdate(between, seen, farDeadline) });
    await mineAt(chain, timestamp);
    const restored = await state();
    expect(restored).toEqual({ ...seen, updateCount: seen.updateCount + 2n });
    expect(await updateRefusal(bot, seen)).toEqual(actualState(restored));
  });

  test("StateChanged: the oracle's owner wrote meanwhile, by update or by emergency", async () => {
    for (const name of ["updatePrices", "emergencyPriceUpdate"] as const) {
      const seen = await state();
      const data = encodeOracleWrite(name, { ...initialPrices, ethUsd: seen.ethUsd + 1n });
      expect((await send(chain, { from: oracleOwner, to: oracle, data })).status).toBe("success");
      expect(await updateRefusal(bot, seen)).toEqual(actualState(await state()));
    }
  });

  test("not fenced, as documented: an owner's A-B-A at the very timestamp that the bot saw", async () => {
    const seen = await state();
    const elsewhere = { ...initialPrices, ethUsd: usd(3_001) };
    const { timestamp } = await chain.getBlock();
    const at = timestamp + 1n;
    await submit(chain, {
      from: oracleOwner,
      to: oracle,
      data: encodeOracleWrite("updatePrices", initialPrices),
    });
    await mineAt(chain, at);
    const seenAgain = await state();
    expect(seenAgain).toEqual({ ...seen, lastUpdate: at });
    for (const prices of [elsewhere, initialPrices]) {
      await submit(chain, { from: oracleOwner, to: oracle, data: encodeOracleWrite("updatePrices", prices) });
    }
    await mineAt(chain, at);
    expect(await state()).toEqual(seenAgain);
    expect((await update(bot, seenAgain)).status).toBe("success");
  });
});

describe("the oracle's own errors bubble up unchanged", () => {
  test("bounds and deviation", async () => {
    const seen = await state();
    expect(await updateRefusal(bot, seen, { ...nextPrices, ethUsd: usd(1) })).toEqual({
      name: "PriceOutOfBounds",
      args: [],
    });
    expect(await updateRefusal(bot, seen, { ...nextPrices, ethUsd: usd(9_000) })).toEqual({
      name: "PriceDeviationTooLarge",
      args: [],
    });
    await update(bot, seen, { ...nextPrices, ethUsd: usd(9_000) });
    expect(await state()).toEqual(seen);
  });

  test("authorisation, while the fence does not hold the role", async () => {
    await send(chain, { from: oracleOwner, to: oracle, data: encodeSetPriceUpdater(stranger) });
    expect(await updateRefusal(bot, await state())).toEqual({ name: "NotAuthorized", args: [] });
  });
});

describe("ownership and bots", () => {
  const call = (functionName: "acceptOwnership" | "renounceOwnership") =>
    encodeFunctionData({ abi, functionName });
  const transfer = (to: Address) =>
    encodeFunctionData({ abi, functionName: "transferOwnership", args: [to] });
  const readOwner = () => chain.readContract({ address: fence, abi, functionName: "owner" });
  const isBot = (address: Address) =>
    chain.readContract({ address: fence, abi, functionName: "isBot", args: [address] });

  test("only the owner sets bots; each change is an event; the zero address is refused", async () => {
    expect(await refusal(bot, encodeSetBot(stranger, true))).toEqual({
      name: "OwnableUnauthorizedAccount",
      args: [bot],
    });
    expect(await refusal(owner, encodeSetBot(zeroAddress, true))).toEqual({
      name: "InvalidAddress",
      args: [],
    });
    const receipt = await send(chain, { from: owner, to: fence, data: encodeSetBot(bot, false) });
    expect(parseEventLogs({ abi, logs: receipt.logs })).toMatchObject([
      { eventName: "BotSet", args: { bot, allowed: false } },
    ]);
    expect([await isBot(bot), await isBot(otherBot)]).toEqual([false, true]);
  });

  test("ownership moves only when the new owner accepts", async () => {
    await send(chain, { from: owner, to: fence, data: transfer(stranger) });
    expect(await readOwner()).toBe(owner);
    expect((await refusal(bot, call("acceptOwnership"))).name).toBe("OwnableUnauthorizedAccount");
    await send(chain, { from: stranger, to: fence, data: call("acceptOwnership") });
    expect(await readOwner()).toBe(stranger);
    expect((await refusal(owner, encodeSetBot(bot, false))).name).toBe("OwnableUnauthorizedAccount");
    expect((await send(chain, { from: stranger, to: fence, data: encodeSetBot(bot, false) })).status).toBe(
      "success",
    );
  });

  test("ownership cannot be renounced: nobody could revoke a leaked key then", async () => {
    expect((await refusal(owner, call("renounceOwnership"))).name).toBe("OwnershipCannotBeRenounced");
    expect((await refusal(stranger, call("renounceOwnership"))).name).toBe("OwnableUnauthorizedAccount");
  });

  test("deployment names its mistake: an oracle without code, or no owner", async () => {
    const deployment = (oracleAddress: Address, initialOwner: Address) =>
      refusalOf(chain, abi, {
        from: owner,
        data: encodeDeployData({ abi, bytecode, args: [oracleAddress, initialOwner] }),
      });
    expect(await deployment(stranger, owner)).toMatchObject({
      name: "OracleHasNoCode",
      args: [stranger],
    });
    expect(await deployment(oracle, zeroAddress)).toMatchObject({
      name: "OwnableInvalidOwner",
      args: [zeroAddress],
    });
    expect(await chain.readContract({ address: fence, abi, functionName: "oracle" })).toBe(oracle);
  });
});
