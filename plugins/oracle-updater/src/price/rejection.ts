/** Why a reading of the sources is not used. One code per cause: log, metric, health and chat show the same word. */

export type RejectionCode =
  | "feed-missing"
  | "feed-wrong-decimals"
  | "answer-not-positive"
  | "round-incomplete"
  | "feed-stale"
  | "feed-from-future"
  | "sequencer-down"
  | "sequencer-grace"
  | "source-head-stale"
  | "source-head-from-future"
  | "pool-missing"
  | "liquidity-below-minimum"
  | "twap-window-too-short"
  | "out-of-bounds";

export interface Rejection {
  readonly kind: "rejection";
  readonly code: RejectionCode;
  /** The numbers behind the code, for a person. */
  readonly detail: string;
}

export function reject(code: RejectionCode, detail: string): Rejection {
  return { kind: "rejection", code, detail };
}
