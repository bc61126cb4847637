/** JSON-RPC requests and replies as the proxy sees them: one HTTP body or WebSocket frame, a call or a batch. */
export interface RpcCall {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export type RpcReply = { readonly jsonrpc: "2.0"; readonly id: unknown } & (
  | { readonly result: unknown }
  | { readonly error: RpcError }
);

export interface RpcMessage {
  /** The body as it came. */
  readonly text: string;
  /** Empty when the body is not JSON-RPC. */
  readonly calls: readonly RpcCall[];
  readonly isBatch: boolean;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Never throws: a body that is not JSON-RPC has no calls, and is for the node to refuse. */
export function parseMessage(text: string): RpcMessage {
  const parsed = parseJson(text);
  const isBatch = Array.isArray(parsed);
  const calls = (Array.isArray(parsed) ? parsed : [parsed]).map(parseCall);
  return { text, isBatch, calls: calls.every((call) => call !== undefined) ? calls : [] };
}

/** A body with only these calls, as a batch if the message was one. */
export function serializeCalls(message: RpcMessage, calls: readonly RpcCall[]): string {
  const bodies = calls.map((call) => ({ jsonrpc: "2.0", ...call }));
  return JSON.stringify(message.isBatch ? bodies : bodies[0]);
}

export function serializeReplies(message: RpcMessage, replies: readonly RpcReply[]): string {
  return JSON.stringify(message.isBatch ? replies : replies[0]);
}

/** The replies in a node's answer; empty when it is something else. */
export function parseReplies(text: string): readonly RpcReply[] {
  const parsed = parseJson(text);
  return (Array.isArray(parsed) ? parsed : [parsed]).filter(isReply);
}

export function resultReply(call: RpcCall, result: unknown): RpcReply {
  return { jsonrpc: "2.0", id: call.id, result };
}

export function errorReply(call: RpcCall, error: RpcError): RpcReply {
  return { jsonrpc: "2.0", id: call.id, error };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseCall(value: unknown): RpcCall | undefined {
  if (!isRecord(value) || typeof value.method !== "string") return undefined;
  return {
    id: value.id ?? null,
    method: value.method,
    params: Array.isArray(value.params) ? value.params : [],
  };
}

function isReply(value: unknown): value is RpcReply {
  return isRecord(value) && ("result" in value || isRecord(value.error));
}
