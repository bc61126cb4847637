/** A transaction that was sent and did not do its work. */
import { BaseError } from "@jeju-oracle/kit";

/** It was mined, but without effect. */
export function revertedOnChain(hash: string): BaseError {
  return new BaseError("the update was mined but reverted", {
    code: "reverted-on-chain",
    retryable: true,
    nextStep: "Look at the transaction on the explorer; the agent reads again and decides anew.",
    details: { hash },
  });
}

/** It is still not mined at its deadline. */
export function notMined(hash: string): BaseError {
  return new BaseError("the update was not mined before its deadline", {
    code: "not-mined",
    retryable: true,
    nextStep: "Nothing: the agent replaces it at the same nonce with a fresh decision and a higher fee.",
    details: { hash },
  });
}
