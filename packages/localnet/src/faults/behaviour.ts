/** How an endpoint under a fault acts: one function per fault from a message to an outcome. */
import { sleep, systemClock } from "@jeju-oracle/kit";
import { keccak256 } from "viem";
import { quantity } from "../json-rpc.ts";
import type { RpcFault, SendsOfOldView, WrongResult } from "./fault.ts";
import {
  errorReply,
  isRecord,
  parseReplies,
  type RpcCall,
  type RpcError,
  type RpcMessage,
  type RpcReply,
  resultReply,
  serializeCalls,
  serializeReplies,
} from "./messages.ts";
import { type PastView, replyFromPast } from "./past-view.ts";
import type { Upstream } from "./upstream.ts";

export type Outcome =
  /** A JSON-RPC answer, or what is left of one. */
  | { readonly kind: "answer"; readonly status: number; readonly text: string }
  /** A web server's answer instead of a node's. */
  | {
      readonly kind: "page";
      readonly status: number;
      readonly text: string;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** No answer, ever. */
  | { readonly kind: "silence" }
  /** No answer as long as this fault lasts; then the message is taken up again. */
  | { readonly kind: "held" };

/** New-head notifications over WebSocket: passed on, or none although the socket is open, or no socket at all. */
type Pushes = { readonly kind: "relayed"; readonly delayMs: number } | { readonly kind: "none" | "closed" };

export interface Behaviour {
  readonly pushes: Pushes;
  /** The node that new-head subscriptions reach. */
  readonly upstream: Upstream;
  /** False while the endpoint takes in nothing, not even subscriptions. */
  readonly listens: boolean;
  /** @throws {LocalRpcError} when the node behind does not answer. */
  respond(message: RpcMessage): Promise<Outcome>;
}

export interface Upstreams {
  readonly target: Upstream;
  readonly other: Upstream | undefined;
}

const SILENCE: Outcome = { kind: "silence" };
const HTML =
  "<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Please sign in to the network</h1></body></html>";
const JSON_RPC_INTERNAL_ERROR = -32603;
/** Code of a revert in geth, reth and anvil. */
const EXECUTION_REVERTED: RpcError = { code: 3, message: "execution reverted", data: "0x" };
const WRONG_RESULTS: Readonly<Record<WrongResult, unknown>> = {
  number: 12_345,
  object: { value: "0x1" },
  text: "not hexadecimal",
  null: null,
};

/**
 * Puts a fault in force: the moment that "frozen-head" freezes is this call.
 * @throws {LocalRpcError} when the node behind does not answer.
 */
export async function behaviourOf(fault: RpcFault | null, { target, other }: Upstreams): Promise<Behaviour> {
  const endpoint = (
    respond: (message: RpcMessage) => Outcome | Promise<Outcome>,
    options: { readonly pushes?: Pushes; readonly upstream?: Upstream; readonly listens?: boolean } = {},
  ): Behaviour => ({
    pushes: { kind: "relayed", delayMs: 0 },
    upstream: target,
    listens: true,
    ...options,
    respond: async (message) => respond(message),
  });
  const closed: Pushes = { kind: "closed" };
  const noPushes: Pushes = { kind: "none" };

  if (fault === null) return endpoint((message) => forward(target, message.text));
  switch (fault.kind) {
    case "refuse":
      return endpoint(() => SILENCE, { pushes: closed, listens: false });
    case "hang":
      return endpoint(() => ({ kind: "held" }), { pushes: noPushes, listens: false });
    case "slow":
      return slow(fault.delayMs, fault.delay ?? "answer", endpoint, target);
    case "http-500":
      return endpoint(() => page(fault.status ?? 500, "Internal Server Error"), { pushes: closed });
    case "rate-limit": {
      const headers = { "retry-after": String(fault.retryAfterS ?? 1) };
      return endpoint(() => page(429, "Too Many Requests", headers), { pushes: closed });
    }
    case "html":
      return endpoint(() => page(200, HTML, { "content-type": "text/html" }), { pushes: closed });
    case "truncated-json":
      return endpoint(async (message) => {
        const { status, text } = await target.forward(message.text);
        return { kind: "answer", status, text: text.slice(0, Math.ceil(text.length / 2)) };
      });
    case "wrong-types": {
      const wrong = WRONG_RESULTS[fault.result ?? "number"];
      return endpoint(async (message) => {
        const replies = parseReplies((await target.forward(message.text)).text);
        return answer(
          message,
          replies.map((reply) => ("result" in reply ? { ...reply, result: wrong } : reply)),
        );
      });
    }
    case "rpc-error": {
      const { code = JSON_RPC_INTERNAL_ERROR, message: text = "Internal error", methods } = fault;
      return endpoint((message) =>
        intercept(message, target, (call) =>
          methods === undefined || methods.includes(call.method)
            ? errorReply(call, { code, message: text })
            : undefined,
        ),
      );
    }
    case "reverted-multicall":
      return endpoint((message) =>
        intercept(message, target, (call) =>
          call.method === "eth_call" ? errorReply(call, EXECUTION_REVERTED) : undefined,
        ),
      );
    case "wrong-chain": {
      const upstream = other ?? target;
      return endpoint((message) => forward(upstream, message.text), { upstream });
    }
    case "frozen-head": {
      const view = { head: await headOf(target), syncing: false };
      return endpoint((message) => answerFromPast(message, view, target, fault.sends), { pushes: noPushes });
    }
    case "syncing": {
      const behindBlocks =
        "behindBlocks" in fault ? fault.behindBlocks : await blocksOfLast(fault.behindS, target);
      return endpoint(
        async (message) => {
          const view = { head: await headBefore(target, behindBlocks), syncing: true };
          return answerFromPast(message, view, target, fault.sends);
        },
        { pushes: noPushes },
      );
    }
    case "load-balanced": {
      let behindNext = fault.first === "behind";
      return endpoint(async (message) => {
        const behind = behindNext;
        behindNext = !behindNext;
        if (!behind) return forward(target, message.text);
        const view = { head: await headBefore(target, fault.behindBlocks), syncing: false };
        return answerFromPast(message, view, target, fault.sends);
      });
    }
    case "drop-sends":
      return endpoint((message) => dropSends(message, fault.mode, target));
    default:
      return fault satisfies never;
  }
}

function slow(
  delayMs: number,
  delay: "answer" | "request",
  endpoint: (
    respond: (message: RpcMessage) => Promise<Outcome>,
    options: { readonly pushes: Pushes },
  ) => Behaviour,
  target: Upstream,
): Behaviour {
  return endpoint(
    async (message) => {
      if (delay === "request") await sleep(systemClock, delayMs, target.stopped);
      const outcome = await forward(target, message.text);
      if (delay === "answer") await sleep(systemClock, delayMs, target.stopped);
      return outcome;
    },
    { pushes: { kind: "relayed", delayMs } },
  );
}

async function forward(upstream: Upstream, text: string): Promise<Outcome> {
  return { kind: "answer", ...(await upstream.forward(text)) };
}

function page(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Outcome {
  return { kind: "page", status, text, headers: { "content-type": "text/plain", ...headers } };
}

function answer(message: RpcMessage, replies: readonly RpcReply[]): Outcome {
  return { kind: "answer", status: 200, text: serializeReplies(message, replies) };
}

/** Answers some calls here and passes the others on, in one request, keeping the order of the calls. */
async function intercept(
  message: RpcMessage,
  upstream: Upstream,
  own: (call: RpcCall) => RpcReply | undefined,
): Promise<Outcome> {
  const ownReplies = message.calls.map(own);
  const others = message.calls.filter((_, index) => ownReplies[index] === undefined);
  if (others.length === message.calls.length) return forward(upstream, message.text);
  const forwarded =
    others.length === 0 ? [] : parseReplies((await upstream.forward(serializeCalls(message, others))).text);
  let next = 0;
  return answer(
    message,
    ownReplies.flatMap((reply) => reply ?? forwarded[next++] ?? []),
  );
}

async function answerFromPast(
  message: RpcMessage,
  view: PastView,
  upstream: Upstream,
  sends: SendsOfOldView = "forward",
): Promise<Outcome> {
  if (message.calls.length === 0) return forward(upstream, message.text);
  const replies = message.calls.map(async (call) => {
    const dropped = sends === "drop" && isSend(call);
    return dropped ? acceptOnPaper(call) : replyFromPast(call, view, upstream);
  });
  return answer(message, await Promise.all(replies));
}

async function dropSends(
  message: RpcMessage,
  mode: "unanswered" | "lost" | "swallowed",
  upstream: Upstream,
): Promise<Outcome> {
  if (!message.calls.some(isSend)) return forward(upstream, message.text);
  switch (mode) {
    case "unanswered":
      await upstream.forward(message.text);
      return SILENCE;
    case "lost":
      return intercept(message, upstream, (call) => (isSend(call) ? acceptOnPaper(call) : undefined));
    case "swallowed":
      return SILENCE;
    default:
      return mode satisfies never;
  }
}

function isSend(call: RpcCall): boolean {
  return call.method === "eth_sendRawTransaction";
}

/** The reply of a node that took the transaction in and then lost it. */
function acceptOnPaper(call: RpcCall): RpcReply {
  const [raw] = call.params;
  if (typeof raw === "string" && /^0x([0-9a-f]{2})+$/i.test(raw)) {
    return resultReply(call, keccak256(raw as `0x${string}`));
  }
  return errorReply(call, { code: -32602, message: "invalid argument 0: not hexadecimal bytes" });
}

async function headOf(upstream: Upstream): Promise<bigint> {
  return quantity(await upstream.result("eth_blockNumber"), "eth_blockNumber");
}

async function headBefore(upstream: Upstream, blocks: number): Promise<bigint> {
  const head = await headOf(upstream);
  return head > BigInt(blocks) ? head - BigInt(blocks) : 0n;
}

/** How many blocks the last `seconds` of chain time hold, by bisection over their timestamps. */
async function blocksOfLast(seconds: number, upstream: Upstream): Promise<number> {
  const head = await headOf(upstream);
  const limitS = (await timestampOf(head, upstream)) - BigInt(seconds);
  let low = 0n;
  let high = head;
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if ((await timestampOf(middle, upstream)) <= limitS) low = middle;
    else high = middle - 1n;
  }
  return Number(head - low);
}

async function timestampOf(number: bigint, upstream: Upstream): Promise<bigint> {
  const block = await upstream.result("eth_getBlockByNumber", `0x${number.toString(16)}`, false);
  return quantity(isRecord(block) ? block.timestamp : undefined, `timestamp of block ${number}`);
}
