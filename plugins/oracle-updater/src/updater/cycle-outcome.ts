/** How one cycle ended. */
import type { BaseError } from "@jeju-oracle/kit";
import type { Decision } from "../decision/decide.ts";

export type Skip = Extract<Decision, { kind: "skip" }>;

export type CycleOutcome =
  | { readonly kind: "skipped"; readonly decision: Skip }
  | { readonly kind: "landed"; readonly hash: string; readonly blockNumber: bigint }
  | { readonly kind: "cancelled"; readonly hash: string }
  /** Another agent's update landed first, or the state moved on: look again at once. */
  | { readonly kind: "lost-race" }
  /** The nonce is not settled yet: look again in a block. */
  | { readonly kind: "waiting" }
  | { readonly kind: "failed"; readonly error: BaseError };
