import { BaseError } from "@jeju-oracle/kit";

/** What was asked of the fleet makes no sense as things stand. Nothing was written. */
export class IntentRefusedError extends BaseError {
  constructor(message: string, nextStep: string) {
    super(message, { code: "intent-refused", retryable: false, nextStep });
  }
}
