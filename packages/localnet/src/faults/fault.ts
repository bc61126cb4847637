/** What can go wrong between an agent and an RPC node. One fault is in force at a time. */
import { LocalnetInputError } from "../errors.ts";

/** What an endpoint with an outdated view does with a signed transaction: passes it on, or only answers its hash. */
export type SendsOfOldView = "forward" | "drop";

export type RpcFault =
  /** Connections are refused, open ones are cut. The port is taken back on heal. */
  | { readonly kind: "refuse" }
  /** Connections are accepted and never answered. Who still waits when the fault ends is answered then. */
  | { readonly kind: "hang" }
  /**
   * Everything takes `delayMs` longer. Delaying the answer (default) makes it old on arrival; delaying the request
   * makes it take effect late, even when the client has given up meanwhile.
   */
  | { readonly kind: "slow"; readonly delayMs: number; readonly delay?: "answer" | "request" }
  /** Nothing is forwarded; `status` is 500 unless given. */
  | { readonly kind: "http-500"; readonly status?: 500 | 502 | 503 | 504 }
  /** HTTP 429. */
  | { readonly kind: "rate-limit"; readonly retryAfterS?: number }
  /** HTTP 200 with a web page, as captive portals and parked domains answer. */
  | { readonly kind: "html" }
  /** The request takes effect; its answer ends in the middle. */
  | { readonly kind: "truncated-json" }
  /** The request takes effect; each result is of another type, number unless given. */
  | { readonly kind: "wrong-types"; readonly result?: WrongResult }
  /** A JSON-RPC error with HTTP 200, for the given methods or all. Not forwarded. */
  | {
      readonly kind: "rpc-error";
      readonly code?: number;
      readonly message?: string;
      readonly methods?: readonly string[];
    }
  /** Each eth_call reverts; everything else works. */
  | { readonly kind: "reverted-multicall" }
  /** Everything is answered by the second chain. Needs `otherTarget`. */
  | { readonly kind: "wrong-chain" }
  /** The node stopped importing blocks at the moment of the fault. */
  | { readonly kind: "frozen-head"; readonly sends?: SendsOfOldView }
  /**
   * The node imports blocks but keeps behind the chain: by `behindBlocks`, or by the blocks of the last `behindS`
   * seconds of chain time as of the moment of the fault.
   */
  | ({ readonly kind: "syncing"; readonly sends?: SendsOfOldView } & (
      | { readonly behindBlocks: number }
      | { readonly behindS: number }
    ))
  /** Requests go by turns to an up-to-date node and to one `behindBlocks` behind, starting with `first`. */
  | {
      readonly kind: "load-balanced";
      readonly behindBlocks: number;
      readonly first?: "current" | "behind";
      readonly sends?: SendsOfOldView;
    }
  /**
   * Sent transactions have an unknown outcome. `unanswered`: forwarded, but no answer comes. `lost`: answered with
   * the hash, but not forwarded. `swallowed`: neither. A batch with a send shares its fate.
   */
  | { readonly kind: "drop-sends"; readonly mode: "unanswered" | "lost" | "swallowed" };

export type RpcFaultKind = RpcFault["kind"];
export type WrongResult = "number" | "object" | "text" | "null";

/** @throws {LocalnetInputError} naming the parameter that is not usable. */
export function validateFault(fault: RpcFault, hasOtherTarget: boolean): void {
  if (fault.kind === "slow") requireAtLeast("delayMs", fault.delayMs, 1);
  if (fault.kind === "rate-limit") requireAtLeast("retryAfterS", fault.retryAfterS ?? 0, 0);
  if ("behindBlocks" in fault) requireAtLeast("behindBlocks", fault.behindBlocks, 1);
  if ("behindS" in fault) requireAtLeast("behindS", fault.behindS, 1);
  if (fault.kind === "wrong-chain" && !hasOtherTarget) {
    throw new LocalnetInputError(
      "wrong-chain needs a second chain",
      "Give startRpcProxy an otherTarget: the URL of a chain with another id.",
    );
  }
}

function requireAtLeast(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new LocalnetInputError(`${name} is ${value}`, `Give a whole number, at least ${least}.`);
}
