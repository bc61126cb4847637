import { describe, expect, test } from "bun:test";
import {
  blockHead,
  bytes,
  hash,
  type Json,
  list,
  object,
  quantity,
  safeInteger,
} from "../../src/rpc/parse.ts";
import { EndpointError } from "../../src/rpc/rpc-errors.ts";

const WHO = "Jeju RPC 0";

/** The value, or `garbage` when the parser blames the endpoint. */
function outcome<T>(parse: () => T): T | "garbage" {
  try {
    return parse();
  } catch (error) {
    if (error instanceof EndpointError && error.kind === "garbage" && error.message.startsWith(WHO))
      return "garbage";
    throw error;
  }
}

const garbage = "garbage" as const;
const HASH = `0x${"ab".repeat(32)}`;

describe("JSON-RPC values", () => {
  test("quantities are hex without leading zeros, up to 256 bits", () => {
    const of = (value: Json | undefined) => outcome(() => quantity(value, WHO, "x"));
    expect(of("0x0")).toBe(0n);
    expect(of("0x1f")).toBe(31n);
    expect(of(`0x${"f".repeat(64)}`)).toBe(2n ** 256n - 1n);
    for (const wrong of [
      "0x",
      "0x00",
      "0x01",
      "1f",
      "31",
      31,
      null,
      undefined,
      [],
      {},
      true,
      `0x1${"f".repeat(64)}`,
    ]) {
      expect(of(wrong)).toBe(garbage);
    }
  });

  test("nonces fit a number exactly", () => {
    const of = (value: Json) => outcome(() => safeInteger(value, WHO, "x"));
    expect(of("0x1fffffffffffff")).toBe(Number.MAX_SAFE_INTEGER);
    expect(of("0x20000000000000")).toBe(garbage);
  });

  test("bytes and hashes are whole", () => {
    expect(outcome(() => bytes("0x", WHO, "x"))).toBe("0x");
    expect(outcome(() => bytes("0x0aFF", WHO, "x"))).toBe("0x0aFF");
    for (const wrong of ["0x0", "0xzz", "ab", 1, null]) {
      expect(outcome(() => bytes(wrong, WHO, "x"))).toBe(garbage as never);
    }
    expect(outcome(() => hash(HASH, WHO, "x"))).toBe(HASH as never);
    expect(outcome(() => hash("0xab", WHO, "x"))).toBe(garbage as never);
  });

  test("objects are no lists, lists are no objects, null is neither", () => {
    expect(outcome(() => object({}, WHO, "x"))).toEqual({});
    expect(outcome(() => list([], WHO, "x"))).toEqual([]);
    for (const wrong of [[], null, "x", undefined])
      expect(outcome(() => object(wrong, WHO, "x"))).toBe(garbage);
    for (const wrong of [{}, null, "x", undefined])
      expect(outcome(() => list(wrong, WHO, "x"))).toBe(garbage);
  });
});

describe("a block head", () => {
  const BLOCK = { number: "0x10", timestamp: "0x20", hash: HASH, baseFeePerGas: "0x7" };

  test("has number, time, hash and base fee", () => {
    expect(blockHead(BLOCK, WHO)).toEqual({
      number: 16n,
      timestampS: 32n,
      hash: HASH as never,
      baseFeeWei: 7n,
    });
  });

  test("of a chain without EIP-1559 has no base fee", () => {
    const { baseFeePerGas: _, ...old } = BLOCK;
    expect(blockHead(old, WHO).baseFeeWei).toBeUndefined();
  });

  test("error: null, or any field of the wrong shape, is the endpoint's failure", () => {
    expect(outcome(() => blockHead(null, WHO))).toBe(garbage);
    for (const field of ["number", "timestamp", "hash", "baseFeePerGas"]) {
      expect(outcome(() => blockHead({ ...BLOCK, [field]: "soon" }, WHO))).toBe(garbage);
      expect(outcome(() => blockHead({ ...BLOCK, [field]: null }, WHO))).toBe(garbage);
    }
  });
});
