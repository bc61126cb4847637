import { describe, expect, test } from "bun:test";
import { batchReaderAbi, batchReaderBytecode } from "@jeju-oracle/contracts/BatchReader";
import { encodeFunctionResult, type Hex } from "viem";
import { batchReadCall, decodeBatchRead } from "../../src/rpc/batch-read.ts";
import type { RpcReply } from "../../src/rpc/endpoint.ts";
import { EndpointError, type EndpointFailure } from "../../src/rpc/rpc-errors.ts";
import { NOW_S } from "../support/fixtures.ts";

const ACCOUNT = "0x0000000000000000000000000000000000000b01";
const RESULTS = [
  { success: true, returnData: "0x01" },
  { success: false, returnData: "0x" },
] as const;

function answer(overrides: { readonly chainId?: bigint } = {}): Hex {
  const snapshot = {
    chainId: 8453n,
    blockNumber: 20_000_000n,
    blockTimestamp: NOW_S,
    parentHash: `0x${"00".repeat(32)}` as Hex,
    accountBalance: 5n,
    results: RESULTS,
    ...overrides,
  };
  return encodeFunctionResult({ abi: batchReaderAbi, functionName: "read", result: snapshot });
}

function kindOf(reply: RpcReply | undefined, callCount = 2): EndpointFailure | "decoded" {
  try {
    decodeBatchRead(reply, callCount, 8453, "Base RPC 0");
    return "decoded";
  } catch (error) {
    if (error instanceof EndpointError) return error.kind;
    throw error;
  }
}

describe("many reads in one eth_call", () => {
  test("is a call without recipient, at the block that was asked for", () => {
    const blockHash: Hex = `0x${"ab".repeat(32)}`;
    for (const block of ["latest", "0x10", { blockHash }] as const) {
      const { method, params } = batchReadCall(ACCOUNT, [{ target: ACCOUNT, callData: "0x1234" }], block);
      expect(method).toBe("eth_call");
      expect(params[1]).toEqual(block);
      expect(Object.keys(params[0] as object)).toEqual(["data"]);
      expect((params[0] as { data: Hex }).data).toStartWith(batchReaderBytecode);
    }
  });

  test("answers with block, time, balance and every result in order", () => {
    expect(decodeBatchRead({ ok: true, result: answer() }, 2, 8453, "Base RPC 0")).toEqual({
      blockNumber: 20_000_000n,
      blockTimestampS: NOW_S,
      accountBalanceWei: 5n,
      results: [...RESULTS],
    });
  });
});

describe("error: anything else is the endpoint's failure", () => {
  const rows: readonly (readonly [string, EndpointFailure, RpcReply | undefined, number?])[] = [
    ["no reply", "garbage", undefined],
    ["a node's error", "rpc-error", { ok: false, error: { code: -32000, message: "no", data: undefined } }],
    ["another chain", "wrong-chain", { ok: true, result: answer({ chainId: 1n }) }],
    ["fewer results than calls", "garbage", { ok: true, result: answer() }, 3],
    ["more results than calls", "garbage", { ok: true, result: answer() }, 1],
    ["an empty result", "garbage", { ok: true, result: "0x" }],
    ["a cut-off result", "garbage", { ok: true, result: answer().slice(0, -128) }],
    ["no bytes at all", "garbage", { ok: true, result: null }],
  ];
  for (const [name, kind, reply, callCount] of rows) {
    test(`${name} is ${kind}`, () => expect(kindOf(reply, callCount)).toBe(kind));
  }
});
