/** The smallest JSON-RPC client that the machinery needs: one POST, one deadline, typed failure. */
import { describeError } from "@jeju-oracle/kit";
import { LocalRpcError } from "./errors.ts";

export interface JsonRpcCall {
  readonly method: string;
  readonly params?: readonly unknown[];
}

export interface JsonRpcOptions {
  /** Deadline of the whole exchange. */
  readonly deadlineMs?: number;
  /** Ends the exchange early, for example when the chain shuts down. */
  readonly signal?: AbortSignal;
}

const DEFAULT_DEADLINE_MS = 10_000;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function post(url: string, body: unknown, label: string, options: JsonRpcOptions): Promise<unknown> {
  const deadline = AbortSignal.timeout(options.deadlineMs ?? DEFAULT_DEADLINE_MS);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
    return await response.json();
  } catch (error) {
    throw new LocalRpcError(label, describeError(error), true, error);
  }
}

function resultOf(answer: unknown, method: string): unknown {
  if (!isRecord(answer)) throw new LocalRpcError(method, "the answer is not a JSON-RPC object", false);
  if (isRecord(answer.error)) throw new LocalRpcError(method, String(answer.error.message), false);
  return answer.result;
}

/**
 * One JSON-RPC request.
 * @throws {LocalRpcError} when unreachable, past the deadline, or answered with an error.
 */
export async function rpcRequest(
  url: string,
  method: string,
  params: readonly unknown[] = [],
  options: JsonRpcOptions = {},
): Promise<unknown> {
  return resultOf(await post(url, { jsonrpc: "2.0", id: 1, method, params }, method, options), method);
}

/**
 * Many requests in one HTTP exchange, results in the order of the calls. The server may run them in any order.
 * @throws {LocalRpcError} when the exchange fails or any single call is answered with an error.
 */
export async function rpcBatch(
  url: string,
  calls: readonly JsonRpcCall[],
  options: JsonRpcOptions = {},
): Promise<unknown[]> {
  if (calls.length === 0) return [];
  const body = calls.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params: params ?? [] }));
  const label = `batch of ${calls.length}`;
  const answers = await post(url, body, label, options);
  if (!Array.isArray(answers)) throw new LocalRpcError(label, "the answer is not a list", false);
  const byId = new Map<unknown, unknown>();
  for (const answer of answers) if (isRecord(answer)) byId.set(answer.id, answer);
  return calls.map(({ method }, id) => resultOf(byId.get(id), method));
}

/** A JSON-RPC quantity ("0x1f") as a bigint. @throws {LocalRpcError} when it is anything else. */
export function quantity(value: unknown, what: string): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-f]+$/i.test(value)) {
    throw new LocalRpcError(what, `expected a hex quantity, got ${JSON.stringify(value)}`, false);
  }
  return BigInt(value);
}
