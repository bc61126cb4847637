/**
 * One JSON-RPC endpoint over HTTP. A request is one HTTP round trip with one or more calls, has a deadline, and either
 * returns a well-formed reply per call or throws {@link EndpointError}.
 */
import {
  type Clock,
  DeadlineError,
  describeError,
  publicUrl,
  scrubSecrets,
  withDeadline,
} from "@jeju-oracle/kit";
import { isObject, type Json } from "./parse.ts";
import { EndpointError, type RpcErrorObject } from "./rpc-errors.ts";

export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

export type RpcReply =
  | { readonly ok: true; readonly result: Json }
  | { readonly ok: false; readonly error: RpcErrorObject };

/** A larger answer than any call of ours can have: a wrong server, not a chain. */
const MAX_RESPONSE_BYTES = 4_000_000;
const JSON_RPC_LIMIT_EXCEEDED = -32005;

export class RpcEndpoint {
  /** For logs and metrics: chain and position, never the URL, which may carry a key. */
  readonly label: string;
  readonly index: number;
  readonly host: string;
  readonly #url: string;
  readonly #clock: Clock;
  #nextId = 1;

  constructor(chain: string, index: number, url: string, clock: Clock) {
    this.label = `${chain} RPC ${index}`;
    this.index = index;
    this.host = publicUrl(url);
    this.#url = url;
    this.#clock = clock;
  }

  /**
   * Sends `calls` in one HTTP request and returns their replies in order.
   * @throws {EndpointError} on anything but one well-formed JSON-RPC reply per call.
   */
  async request(
    calls: readonly RpcCall[],
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<readonly RpcReply[]> {
    const firstId = this.#nextId;
    this.#nextId += calls.length;
    const bodies = calls.map((call, index) => ({ jsonrpc: "2.0", id: firstId + index, ...call }));
    const text = await this.#post(
      JSON.stringify(bodies.length === 1 ? bodies[0] : bodies),
      deadlineMs,
      signal,
    );
    const replies = this.#parseReplies(text, firstId, calls.length);
    for (const reply of replies) {
      if (!reply.ok && isRateLimit(reply.error)) {
        throw new EndpointError("rate-limited", this.label, "answers that its rate limit is reached");
      }
    }
    return replies;
  }

  async #post(body: string, deadlineMs: number, parent: AbortSignal | undefined): Promise<string> {
    try {
      return await withDeadline(
        this.#clock,
        `request to ${this.label}`,
        deadlineMs,
        async (signal) => {
          const response = await fetch(this.#url, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body,
            signal,
            redirect: "error",
          });
          if (response.status === 429) {
            await response.body?.cancel();
            throw new EndpointError("rate-limited", this.label, "answers HTTP 429");
          }
          if (!response.ok) {
            await response.body?.cancel();
            throw new EndpointError("http-error", this.label, `answers HTTP ${response.status}`);
          }
          return await this.#readBody(response);
        },
        parent,
      );
    } catch (error) {
      if (error instanceof EndpointError || parent?.aborted) throw error;
      if (error instanceof DeadlineError) {
        throw new EndpointError("timeout", this.label, `no answer within ${deadlineMs} ms`);
      }
      // The cause is described, not attached: fetch errors of Bun carry the URL and with it a provider's key.
      throw new EndpointError(
        "unreachable",
        this.label,
        scrubSecrets(describeError(error).replaceAll(this.#url, this.host)),
      );
    }
  }

  /** The body as text. Counted while it arrives: an endless answer must not fill the memory before it is refused. */
  async #readBody(response: Response): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    let sizeBytes = 0;
    for await (const chunk of response.body ?? []) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > MAX_RESPONSE_BYTES) {
        throw new EndpointError("garbage", this.label, `answers with more than ${MAX_RESPONSE_BYTES} bytes`);
      }
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  }

  #parseReplies(text: string, firstId: number, count: number): readonly RpcReply[] {
    const parsed = this.#parseJson(text);
    const entries = Array.isArray(parsed) ? parsed : this.#asList(parsed, count);
    const byId = new Map<number, RpcReply>();
    for (const entry of entries) {
      if (!isObject(entry) || typeof entry.id !== "number") {
        throw new EndpointError("garbage", this.label, "answers with something that is no JSON-RPC reply");
      }
      byId.set(entry.id, this.#parseReply(entry));
    }
    return Array.from({ length: count }, (_, index) => {
      const reply = byId.get(firstId + index);
      if (reply === undefined)
        throw new EndpointError("garbage", this.label, "leaves a call without a reply");
      return reply;
    });
  }

  #parseJson(text: string): Json {
    try {
      return JSON.parse(text) as Json;
    } catch {
      const start = text.trimStart().slice(0, 1) === "<" ? "a web page" : "malformed JSON";
      throw new EndpointError("garbage", this.label, `answers with ${start}`);
    }
  }

  /** The reply to a single call, which comes without a list; an error without an id refuses the whole request. */
  #asList(parsed: Json, count: number): readonly Json[] {
    if (isObject(parsed) && isObject(parsed.error) && (count > 1 || typeof parsed.id !== "number")) {
      const error = this.#parseError(parsed.error);
      const kind = isRateLimit(error) ? "rate-limited" : "rpc-error";
      throw new EndpointError(kind, this.label, `refuses the request: ${error.message}`);
    }
    if (count === 1) return [parsed];
    throw new EndpointError("garbage", this.label, "answers a batch with something else");
  }

  #parseReply(entry: { readonly [key: string]: Json }): RpcReply {
    if (isObject(entry.error)) return { ok: false, error: this.#parseError(entry.error) };
    if (!("result" in entry)) throw new EndpointError("garbage", this.label, "answers without a result");
    return { ok: true, result: entry.result ?? null };
  }

  #parseError(error: { readonly [key: string]: Json }): RpcErrorObject {
    return {
      code: typeof error.code === "number" ? error.code : 0,
      // Providers repeat the key in what they refuse. Scrubbed before it is cut: half a key would not be recognised.
      message: typeof error.message === "string" ? scrubSecrets(error.message).slice(0, 300) : "no message",
      data: revertData(error.data),
    };
  }
}

/** Revert data is a hex string, or nested one level down at some nodes. */
function revertData(data: Json | undefined): `0x${string}` | undefined {
  const candidate = isObject(data) ? data.data : data;
  return typeof candidate === "string" && /^0x([0-9a-fA-F]{2})*$/.test(candidate)
    ? (candidate as `0x${string}`)
    : undefined;
}

function isRateLimit(error: RpcErrorObject): boolean {
  return (
    error.code === JSON_RPC_LIMIT_EXCEEDED ||
    error.code === 429 ||
    /rate limit|too many requests/i.test(error.message)
  );
}
