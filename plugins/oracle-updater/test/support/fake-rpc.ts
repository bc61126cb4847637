/** A JSON-RPC server on 127.0.0.1 whose every answer a test chooses. */
import type { Json } from "../../src/rpc/parse.ts";

export interface ReceivedCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly Json[];
}

export type Answer = (calls: readonly ReceivedCall[], isBatch: boolean) => Response | Promise<Response>;

export class FakeRpc {
  /** Calls of each HTTP request so far. */
  readonly requests: (readonly ReceivedCall[])[] = [];
  /** How the next requests are answered. */
  answer: Answer;
  readonly #server: ReturnType<typeof Bun.serve>;
  #waiting: (() => void)[] = [];

  constructor(answer: Answer) {
    this.answer = answer;
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 0,
      fetch: async (request) => {
        const body = (await request.json()) as ReceivedCall | ReceivedCall[];
        const calls = Array.isArray(body) ? body : [body];
        this.requests.push(calls);
        for (const wake of this.#waiting.splice(0)) wake();
        return this.answer(calls, Array.isArray(body));
      },
    });
  }

  /** The URL, with a path as providers have it. */
  url(path = "/"): string {
    return `http://127.0.0.1:${this.#server.port}${path}`;
  }

  /** Resolves when the next request has arrived. */
  nextRequest(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }
}

/** Answers every call with the result `resultOf` gives for it. */
export function results(resultOf: (call: ReceivedCall) => Json): Answer {
  return (calls, isBatch) => {
    const replies = calls.map((call) => ({ jsonrpc: "2.0", id: call.id, result: resultOf(call) }));
    return Response.json(isBatch ? replies : replies[0]);
  };
}

/** Answers every call with this JSON-RPC error. */
export function failure(code: number, message: string, data?: Json): Answer {
  return (calls, isBatch) => {
    const replies = calls.map(({ id }) => ({ jsonrpc: "2.0", id, error: { code, message, data } }));
    return Response.json(isBatch ? replies : replies[0]);
  };
}

/** A node of `chainId` with its head at `block`, two seconds per block from `genesisS`. */
export function node(chainId: number, block: () => bigint, genesisS: bigint): Answer {
  return results(({ method }) => {
    switch (method) {
      case "eth_chainId":
        return `0x${chainId.toString(16)}`;
      case "eth_getBlockByNumber":
        return {
          number: `0x${block().toString(16)}`,
          timestamp: `0x${(genesisS + 2n * block()).toString(16)}`,
          hash: `0x${block().toString(16).padStart(64, "0")}`,
          baseFeePerGas: "0x1",
        };
      default:
        return `0x${block().toString(16)}`;
    }
  });
}

/** Never answers, until the test ends. */
export const hang: Answer = () => new Promise<Response>(() => undefined);

export const http =
  (status: number, body = ""): Answer =>
  () =>
    new Response(body, { status });
