/** How a forced cycle ended, in the words of the OracleControl port. */
import type { ForcedUpdateResult } from "@jeju-oracle/kit";
import type { CycleOutcome } from "./cycle-outcome.ts";

/** Every outcome has an answer that tells the requester what happened. */
export function toForcedResult(outcome: CycleOutcome): ForcedUpdateResult {
  switch (outcome.kind) {
    case "landed":
      return {
        landed: true,
        detail: `landed in block ${outcome.blockNumber}`,
        transactionHash: outcome.hash,
      };
    case "cancelled":
      return {
        landed: false,
        detail: "a stuck transaction was cancelled first, try again",
        transactionHash: outcome.hash,
      };
    case "skipped":
      return {
        landed: false,
        detail: `${outcome.decision.reason}: ${outcome.decision.detail}`,
        transactionHash: undefined,
      };
    case "lost-race":
      return { landed: false, detail: "another update landed first", transactionHash: undefined };
    case "waiting":
      return {
        landed: false,
        detail: "an earlier transaction is not settled yet",
        transactionHash: undefined,
      };
    case "failed":
      return {
        landed: false,
        detail: `${outcome.error.code}: ${outcome.error.message}`,
        transactionHash: undefined,
      };
    default:
      return outcome satisfies never;
  }
}
