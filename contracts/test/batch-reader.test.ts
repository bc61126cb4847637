import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type Address,
  type BlockTag,
  decodeErrorResult,
  decodeFunctionResult,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  size,
  toHex,
} from "viem";
import { batchReaderAbi, batchReaderBytecode } from "../artifacts/BatchReader.ts";
import { manualPriceOracleAbi, manualPriceOracleBytecode } from "../artifacts/ManualPriceOracle.ts";
import { type Anvil, startAnvil } from "./support/anvil.ts";
import { account, type Chain, connect, deploy, passTime, revertDataOf, send } from "./support/chain.ts";
import { createRandom } from "./support/random.ts";

interface Call {
  readonly target: Address;
  readonly callData: Hex;
}
type BlockArgument = BlockTag | Hex | { blockHash: Hex; requireCanonical?: boolean };

/** Contracts that misbehave, as raw bytecode, at addresses of their own. */
const burnsAllGas = "0x00000000000000000000000000000000000b0001";
const returnsAsManyBytesAsAsked = "0x00000000000000000000000000000000000b0002";
const revertsWithAsManyBytesAsAsked = "0x00000000000000000000000000000000000b0003";
const writesStorage = "0x00000000000000000000000000000000000b0004";
const withoutCode = "0x00000000000000000000000000000000000b0005";

/** What fits beside the snapshot's own words: see RESULT_SPACE and RESULT_OVERHEAD in the source. */
const largestSingleResult = 24_576 - 8 * 32 - 4 * 32;
const mostCalls = 108;

let anvil: Anvil;
let chain: Chain;
let oracle: Address;
const watched = account(5);

beforeAll(async () => {
  anvil = await startAnvil();
  chain = connect(anvil);
  const misbehaving: readonly [Address, Hex][] = [
    [burnsAllGas, "0x5b600056"],
    [returnsAsManyBytesAsAsked, "0x6000356000f3"],
    [revertsWithAsManyBytesAsAsked, "0x6000356000fd"],
    [writesStorage, "0x6001600055"],
  ];
  for (const [address, bytecode] of misbehaving) await chain.setCode({ address, bytecode });
  oracle = await deploy(
    chain,
    account(0),
    encodeDeployData({
      abi: manualPriceOracleAbi,
      bytecode: manualPriceOracleBytecode,
      args: [3_000_00000000n, 10_000_000n, account(0)],
    }),
  );
});

afterAll(() => anvil.stop());

function encodeRead(calls: readonly Call[]): Hex {
  return encodeDeployData({ abi: batchReaderAbi, bytecode: batchReaderBytecode, args: [watched, calls] });
}

async function readRaw(calls: readonly Call[], block: BlockArgument = "latest", gas?: bigint): Promise<Hex> {
  const request = { data: encodeRead(calls), ...(gas === undefined ? {} : { gas: toHex(gas) }) };
  return chain.request({ method: "eth_call", params: [request, block] } as never);
}

async function read(calls: readonly Call[], block: BlockArgument = "latest", gas?: bigint) {
  const data = await readRaw(calls, block, gas);
  return decodeFunctionResult({ abi: batchReaderAbi, functionName: "read", data });
}

const askFor = (bytes: number): Hex => encodeAbiParameters([{ type: "uint256" }], [BigInt(bytes)]);
const ownerCall = (): Call => ({
  target: oracle,
  callData: encodeFunctionData({ abi: manualPriceOracleAbi, functionName: "owner" }),
});
const ownerAnswer = () => encodeAbiParameters([{ type: "address" }], [account(0)]);
const errorIn = (data: Hex) => decodeErrorResult({ abi: batchReaderAbi, data });

describe("which block", () => {
  test("the snapshot carries the number, time, parent and balance of the block it was asked at", async () => {
    const before = await chain.getBalance({ address: watched });
    await send(chain, { from: account(0), to: watched, data: "0x", value: 11n });
    const earlier = await chain.getBlock();
    await send(chain, { from: account(0), to: watched, data: "0x", value: 22n });
    await passTime(chain, 9n);
    const latest = await chain.getBlock();

    const asked: readonly [BlockArgument, typeof earlier, bigint][] = [
      ["latest", latest, before + 33n],
      [toHex(latest.number), latest, before + 33n],
      [{ blockHash: latest.hash }, latest, before + 33n],
      [toHex(earlier.number), earlier, before + 11n],
      [{ blockHash: earlier.hash }, earlier, before + 11n],
      [{ blockHash: earlier.hash, requireCanonical: true }, earlier, before + 11n],
    ];
    for (const [argument, block, balance] of asked) {
      expect(await read([], argument)).toEqual({
        chainId: 31_337n,
        blockNumber: block.number,
        blockTimestamp: block.timestamp,
        parentHash: block.parentHash,
        accountBalance: balance,
        results: [],
      });
    }
  });

  test("the genesis block has no parent to name and is readable all the same", async () => {
    expect(await read([], "earliest")).toMatchObject({ blockNumber: 0n, parentHash: toHex(0, { size: 32 }) });
  });
});

describe("one result per call, in order", () => {
  test("answers, reverts, forbidden writes and targets without code do not disturb each other", async () => {
    const { results } = await read([
      ownerCall(),
      { target: revertsWithAsManyBytesAsAsked, callData: askFor(5) },
      { target: withoutCode, callData: "0x" },
      { target: writesStorage, callData: "0x" },
      { target: oracle, callData: "0xdeadbeef" },
      { target: returnsAsManyBytesAsAsked, callData: askFor(0) },
      ownerCall(),
    ]);
    expect(results.map(({ success }) => success)).toEqual([true, false, false, false, false, true, true]);
    expect(results[0]!.returnData).toBe(ownerAnswer());
    expect(results[1]!.returnData).toBe("0x0000000000");
    expect(errorIn(results[2]!.returnData)).toMatchObject({
      errorName: "TargetHasNoCode",
      args: [expect.stringMatching(new RegExp(withoutCode, "i"))],
    });
    expect(results[5]!.returnData).toBe("0x");
    expect(results[6]!.returnData).toBe(ownerAnswer());
  });

  test("an account with a balance but no code is a failure, not an empty answer", async () => {
    const { results } = await read([{ target: account(0), callData: "0x" }]);
    expect(results[0]!.success).toBe(false);
  });
});

describe("a bad target harms only itself", () => {
  test("a target that burns all its gas leaves the others theirs, with 10 million gas in all", async () => {
    const burn: Call = { target: burnsAllGas, callData: "0x" };
    const { results } = await read(
      [burn, ownerCall(), burn, burn, ownerCall(), burn, ownerCall()],
      "latest",
      10_000_000n,
    );
    expect(results.map(({ success }) => success)).toEqual([false, true, false, false, true, false, true]);
    expect(results[6]!.returnData).toBe(ownerAnswer());
  });

  test("a target that returns or reverts with a megabyte is cut off, and named", async () => {
    const { results } = await read([
      { target: returnsAsManyBytesAsAsked, callData: askFor(1_000_000) },
      { target: revertsWithAsManyBytesAsAsked, callData: askFor(1_000_000) },
      ownerCall(),
    ]);
    for (const result of results.slice(0, 2)) {
      expect(result.success).toBe(false);
      expect(errorIn(result.returnData)).toMatchObject({
        errorName: "ReturnDataTooLarge",
        args: [1_000_000n, expect.any(BigInt)],
      });
    }
    expect(results[2]).toEqual({ success: true, returnData: ownerAnswer() });
  });

  test("a result may fill the whole space to the last byte, but not one byte more", async () => {
    const full = await readRaw([
      { target: returnsAsManyBytesAsAsked, callData: askFor(largestSingleResult) },
    ]);
    expect(size(full)).toBe(24_576);
    const { results } = await read([
      { target: returnsAsManyBytesAsAsked, callData: askFor(largestSingleResult + 1) },
    ]);
    expect(errorIn(results[0]!.returnData)).toMatchObject({
      errorName: "ReturnDataTooLarge",
      args: [BigInt(largestSingleResult + 1), BigInt(largestSingleResult)],
    });
  });

  test("space that early calls leave over goes to later ones", async () => {
    const small = Array.from({ length: 9 }, ownerCall);
    const { results } = await read([
      ...small,
      { target: returnsAsManyBytesAsAsked, callData: askFor(20_000) },
    ]);
    expect(results.every(({ success }) => success)).toBe(true);
  });

  test(`${mostCalls} failing calls fit; one more is refused with both numbers`, async () => {
    const call: Call = { target: returnsAsManyBytesAsAsked, callData: askFor(10_000) };
    const { results } = await read(Array.from({ length: mostCalls }, () => call));
    expect(results.map(({ returnData }) => errorIn(returnData).errorName)).toEqual(
      Array.from({ length: mostCalls }, () => "ReturnDataTooLarge"),
    );
    const refusal = await readRaw(Array.from({ length: mostCalls + 1 }, () => call)).catch(revertDataOf);
    expect(errorIn(refusal)).toMatchObject({
      errorName: "TooManyCalls",
      args: [BigInt(mostCalls + 1), BigInt(mostCalls)],
    });
  });

  test("any mix of 60 random batches returns one decodable snapshot within the size limit", async () => {
    const random = createRandom(20_260_801);
    const targets: readonly Address[] = [
      burnsAllGas,
      returnsAsManyBytesAsAsked,
      revertsWithAsManyBytesAsAsked,
      writesStorage,
      withoutCode,
      oracle,
    ];
    for (let batch = 0; batch < 60; batch++) {
      const calls = Array.from({ length: random.below(30) }, (): Call => {
        const target = random.pick(targets);
        return target === oracle
          ? ownerCall()
          : { target, callData: askFor(random.below(random.pick([100, 3_000, 30_000]))) };
      });
      const data = await readRaw(calls, "latest", 10_000_000n);
      expect(size(data)).toBeLessThanOrEqual(24_576);
      const { results } = decodeFunctionResult({ abi: batchReaderAbi, functionName: "read", data });
      expect(results.length).toBe(calls.length);
      calls.forEach((call, index) => {
        if (call.target === oracle)
          expect(results[index]).toEqual({ success: true, returnData: ownerAnswer() });
        if (call.target === withoutCode)
          expect(errorIn(results[index]!.returnData).errorName).toBe("TargetHasNoCode");
        if (call.target !== oracle && call.target !== returnsAsManyBytesAsAsked)
          expect(results[index]!.success).toBe(false);
      });
    }
  }, 20_000);
});
