import { describe, expect, test } from "bun:test";
import { fencedPriceUpdaterAbi } from "@jeju-oracle/contracts/FencedPriceUpdater";
import { encodeErrorResult, type Hex } from "viem";
import { oracleAbi, pausableAbi } from "../../src/oracle/abi.ts";
import { decodeRevert } from "../../src/transaction/revert-reason.ts";

const ADDRESS = "0x0000000000000000000000000000000000000b01";
const fenced = (errorName: string, args: readonly unknown[]) =>
  encodeErrorResult({ abi: fencedPriceUpdaterAbi, errorName, args } as Parameters<
    typeof encodeErrorResult
  >[0]);

describe("reverts become typed failures that say what to do", () => {
  const rows: readonly (readonly [error: string, code: string, retryable: boolean, data: Hex])[] = [
    [
      "NotAuthorized",
      "not-authorized",
      false,
      encodeErrorResult({ abi: oracleAbi, errorName: "NotAuthorized" }),
    ],
    ["NotABot", "not-authorized", false, fenced("NotABot", [ADDRESS])],
    [
      "PriceDeviationTooLarge",
      "deviation-too-large",
      false,
      encodeErrorResult({ abi: oracleAbi, errorName: "PriceDeviationTooLarge" }),
    ],
    [
      "PriceOutOfBounds",
      "out-of-bounds",
      false,
      encodeErrorResult({ abi: oracleAbi, errorName: "PriceOutOfBounds" }),
    ],
    [
      "EnforcedPause",
      "oracle-paused",
      false,
      encodeErrorResult({ abi: pausableAbi, errorName: "EnforcedPause" }),
    ],
    ["StateChanged", "state-changed", true, fenced("StateChanged", [1n, 2n, 3n, 4n])],
    ["DeadlinePassed", "deadline-passed", true, fenced("DeadlinePassed", [1n, 2n])],
  ];
  for (const [name, code, retryable, data] of rows) {
    test(`${name} is ${code}`, () => {
      const error = decodeRevert(data);
      expect(error).toMatchObject({ code, retryable, details: { revert: name } });
      expect(error.nextStep.length).toBeGreaterThan(10);
    });
  }

  test("a known error without a meaning of its own is named", () => {
    const data = encodeErrorResult({ abi: oracleAbi, errorName: "InvalidAddress" });
    expect(decodeRevert(data)).toMatchObject({ code: "reverted", details: { revert: "InvalidAddress" } });
  });

  test("unknown revert data keeps its selector, and a bounded part of the rest", () => {
    const data: Hex = `0x12345678${"ab".repeat(5_000)}`;
    const error = decodeRevert(data);
    expect(error.code).toBe("reverted");
    expect(error.message).toContain("0x12345678");
    expect(String(error.details.revert).length).toBe(74);
  });

  test("no data, empty data and a bare selector are no crash", () => {
    for (const data of [undefined, "0x", "0x12", "0x82b42900"] as const) {
      expect(decodeRevert(data)).toMatchObject({ code: "reverted", retryable: false });
    }
  });
});
