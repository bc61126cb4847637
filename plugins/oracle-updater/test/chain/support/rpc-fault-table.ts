/** What can be wrong with an endpoint, and what the price loop is expected to notice. */
import type { RpcFault } from "@jeju-oracle/localnet";

export interface FaultCase {
  readonly name: string;
  readonly fault: RpcFault;
  /** False when the endpoint stays usable, so that nothing has to be noticed. */
  readonly failsOver: boolean;
  /** How long the endpoint may look well, ms. */
  readonly noticedAfterMs: number;
  /** Requests of the price loop that the endpoint may get until it is left alone. */
  readonly requestsUntilNoticed: number;
}

/** RPC_TIMEOUT_MS: what the first affected request loses at most. */
export const RPC_TIMEOUT_MS = 1_500;
/** The pool compares a head that stood still for 12 s with the other endpoints, every 5 s. */
const STALL_NOTICED_AFTER_MS = 17_000;

const AT_ONCE = { failsOver: true, noticedAfterMs: RPC_TIMEOUT_MS, requestsUntilNoticed: 1 } as const;

/** Every fault that a single answer, or its absence, gives away. */
const PLAIN_FAULTS: readonly FaultCase[] = [
  { ...AT_ONCE, name: "refused connections", fault: { kind: "refuse" } },
  { ...AT_ONCE, name: "a hang", fault: { kind: "hang" } },
  { ...AT_ONCE, name: "answers slower than the deadline", fault: { kind: "slow", delayMs: 4_000 } },
  { ...AT_ONCE, name: "HTTP 500", fault: { kind: "http-500" } },
  { ...AT_ONCE, name: "HTTP 429", fault: { kind: "rate-limit" } },
  { ...AT_ONCE, name: "a web page", fault: { kind: "html" } },
  { ...AT_ONCE, name: "truncated JSON", fault: { kind: "truncated-json" } },
  { ...AT_ONCE, name: "numbers as results", fault: { kind: "wrong-types", result: "number" } },
  { ...AT_ONCE, name: "objects as results", fault: { kind: "wrong-types", result: "object" } },
  { ...AT_ONCE, name: "null as results", fault: { kind: "wrong-types", result: "null" } },
  { ...AT_ONCE, name: "JSON-RPC errors with HTTP 200", fault: { kind: "rpc-error" } },
  { ...AT_ONCE, name: "reverted reads", fault: { kind: "reverted-multicall" } },
  { ...AT_ONCE, name: "another chain", fault: { kind: "wrong-chain" } },
];

/** `hoursS`: how far back the network has blocks of long ago. `farBlocks`: blocks beyond what balancers explain. */
export function faultTable(hoursS: number, farBlocks: number): readonly FaultCase[] {
  return [
    ...PLAIN_FAULTS,
    { ...AT_ONCE, name: "a node that syncs, hours behind", fault: { kind: "syncing", behindS: hoursS } },
    {
      failsOver: true,
      name: "a head that stands still",
      fault: { kind: "frozen-head" },
      noticedAfterMs: STALL_NOTICED_AFTER_MS,
      requestsUntilNoticed: Number.POSITIVE_INFINITY,
    },
    {
      failsOver: true,
      name: "a balancer over nodes far apart",
      fault: { kind: "load-balanced", behindBlocks: farBlocks },
      noticedAfterMs: RPC_TIMEOUT_MS,
      requestsUntilNoticed: 2,
    },
    {
      failsOver: false,
      name: "a balancer over nodes 2 blocks apart",
      fault: { kind: "load-balanced", behindBlocks: 2 },
      noticedAfterMs: 0,
      requestsUntilNoticed: Number.POSITIVE_INFINITY,
    },
  ];
}
