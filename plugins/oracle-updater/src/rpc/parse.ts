/** Parsers for JSON-RPC results. Anything of the wrong shape is the endpoint's failure, never a value. */
import type { Hex } from "viem";
import { EndpointError } from "./rpc-errors.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const QUANTITY = /^0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})$/;
const BYTES = /^0x([0-9a-fA-F]{2})*$/;
const HASH = /^0x[0-9a-fA-F]{64}$/;

export function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function quantity(value: Json | undefined, endpoint: string, what: string): bigint {
  if (typeof value === "string" && QUANTITY.test(value)) return BigInt(value);
  throw garbage(endpoint, what, "a hex quantity");
}

export function safeInteger(value: Json | undefined, endpoint: string, what: string): number {
  const parsed = quantity(value, endpoint, what);
  if (parsed <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(parsed);
  throw garbage(endpoint, what, "a smaller number");
}

export function bytes(value: Json | undefined, endpoint: string, what: string): Hex {
  if (isHexOf(value, BYTES)) return value;
  throw garbage(endpoint, what, "hex bytes");
}

export function hash(value: Json | undefined, endpoint: string, what: string): Hex {
  if (isHexOf(value, HASH)) return value;
  throw garbage(endpoint, what, "a 32-byte hash");
}

export function object(
  value: Json | undefined,
  endpoint: string,
  what: string,
): { readonly [key: string]: Json } {
  if (isObject(value)) return value;
  throw garbage(endpoint, what, "an object");
}

export function list(value: Json | undefined, endpoint: string, what: string): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw garbage(endpoint, what, "a list");
}

/** Number, time and hash of a block object. */
export function blockHead(
  value: Json | undefined,
  endpoint: string,
): {
  readonly number: bigint;
  readonly timestampS: bigint;
  readonly hash: Hex;
  readonly baseFeeWei: bigint | undefined;
} {
  const block = object(value, endpoint, "block");
  return {
    number: quantity(block.number, endpoint, "block number"),
    timestampS: quantity(block.timestamp, endpoint, "block timestamp"),
    hash: hash(block.hash, endpoint, "block hash"),
    baseFeeWei:
      block.baseFeePerGas === undefined ? undefined : quantity(block.baseFeePerGas, endpoint, "base fee"),
  };
}

function isHexOf(value: Json | undefined, pattern: RegExp): value is Hex {
  return typeof value === "string" && pattern.test(value);
}

function garbage(endpoint: string, what: string, expected: string): EndpointError {
  return new EndpointError("garbage", endpoint, `${what} is not ${expected}`);
}
