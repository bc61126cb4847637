/** Steps of tests about a store that refuses. */
import { inspect } from "node:util";
import {
  type BaseError,
  type CoordinationStore,
  StoreUnavailableError,
  StoreUnusableError,
} from "@jeju-oracle/kit";
import { soon, uniqueValue } from "./store-steps.ts";

/** What a write fails with. @throws when it does not, or not with one of the port's errors */
export async function failureOf(
  store: CoordinationStore,
  name = "leader",
): Promise<StoreUnavailableError | StoreUnusableError> {
  const outcome = await store.cas(name, null, uniqueValue(), soon()).catch((error: unknown) => error);
  if (outcome instanceof StoreUnavailableError || outcome instanceof StoreUnusableError) return outcome;
  throw new Error(`expected a failure of the port, got ${inspect(outcome)}`);
}

/** Everything that somebody could print of an error, its causes included. */
export function everythingOf(error: BaseError): string {
  return [
    inspect(error, { depth: 10, showHidden: true }),
    JSON.stringify(error),
    error.stack,
    error.nextStep,
  ].join("\n");
}
