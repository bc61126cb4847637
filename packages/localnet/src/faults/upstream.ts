/** The node behind a proxy, over HTTP. */
import { describeError } from "@jeju-oracle/kit";
import { LocalRpcError } from "../errors.ts";
import { errorReply, parseReplies, type RpcCall, type RpcReply } from "./messages.ts";

/** Longer than any deadline of a client; bounds a request that nobody waits for. */
const FORWARD_DEADLINE_MS = 60_000;

export interface UpstreamAnswer {
  readonly status: number;
  readonly text: string;
}

export class Upstream {
  readonly url: string;
  readonly wsUrl: string;
  /** Ends all requests under way. */
  readonly stopped: AbortSignal;

  constructor(url: string, stopped: AbortSignal) {
    this.url = url;
    this.wsUrl = url.replace(/^http/, "ws");
    this.stopped = stopped;
  }

  /**
   * Passes a body on as it is.
   * @throws {LocalRpcError} when the node does not answer.
   */
  async forward(body: string): Promise<UpstreamAnswer> {
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal: AbortSignal.any([this.stopped, AbortSignal.timeout(FORWARD_DEADLINE_MS)]),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw new LocalRpcError("forwarding a request", describeError(error), true, error);
    }
  }

  /**
   * The node's own reply to one call, its errors included.
   * @throws {LocalRpcError} when the node does not answer.
   */
  async reply(call: RpcCall): Promise<RpcReply> {
    const { text } = await this.forward(JSON.stringify({ jsonrpc: "2.0", ...call }));
    const [reply] = parseReplies(text);
    return reply ?? errorReply(call, { code: -32603, message: "the node behind the proxy answers nonsense" });
  }

  /**
   * The result of one call.
   * @throws {LocalRpcError} when the node does not answer, or answers an error.
   */
  async result(method: string, ...params: unknown[]): Promise<unknown> {
    const reply = await this.reply({ id: 1, method, params });
    if ("error" in reply) throw new LocalRpcError(method, reply.error.message, false);
    return reply.result;
  }
}
