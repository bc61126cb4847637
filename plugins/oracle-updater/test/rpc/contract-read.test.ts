import { describe, expect, test } from "bun:test";
import { encodeFunctionData, encodeFunctionResult, type Hex } from "viem";
import { oracleAbi } from "../../src/oracle/abi.ts";
import { contractRead } from "../../src/rpc/contract-read.ts";
import { factoryAbi, poolAbi } from "../../src/sources/abis.ts";

const TARGET = "0x0000000000000000000000000000000000000b01";
const prices = contractRead(TARGET, oracleAbi, "getPrices", []);
const ANSWER = encodeFunctionResult({
  abi: oracleAbi,
  functionName: "getPrices",
  result: [310_000_000_000n, 12_400_000n, 1_700_000_000n, true],
});

describe("one typed read", () => {
  test("asks what viem would ask, arguments included", () => {
    const args = [TARGET, TARGET, 3_000] as const;
    const read = contractRead(TARGET, factoryAbi, "getPool", args);
    expect(read.target).toBe(TARGET);
    expect(read.callData).toBe(encodeFunctionData({ abi: factoryAbi, functionName: "getPool", args }));
    expect(contractRead(TARGET, poolAbi, "observe", [[1_800, 0]]).callData).toBe(
      encodeFunctionData({ abi: poolAbi, functionName: "observe", args: [[1_800, 0]] }),
    );
  });

  test("decodes a success", () => {
    const [ethUsd8, elizaUsd8, lastUpdateS, fresh] =
      prices.decode({ success: true, returnData: ANSWER }) ?? [];
    expect([ethUsd8, elizaUsd8, lastUpdateS, fresh]).toEqual([
      310_000_000_000n,
      12_400_000n,
      1_700_000_000n,
      true,
    ]);
  });

  test("is undefined for a revert, even one whose data looks like an answer", () => {
    expect(prices.decode({ success: false, returnData: ANSWER })).toBeUndefined();
  });

  test("is undefined where there is no answer, no code, or another shape", () => {
    expect(prices.decode(undefined)).toBeUndefined();
    for (const returnData of ["0x", "0x01", ANSWER.slice(0, -64) as Hex, `0x${"ff".repeat(128)}`] as const) {
      expect(prices.decode({ success: true, returnData })).toBeUndefined();
    }
  });
});
