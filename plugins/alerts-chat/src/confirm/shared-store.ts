/** Actions fail closed: what cannot be claimed once in the whole fleet is neither proposed nor confirmed. */
import { BaseError } from "@jeju-oracle/kit";
import type { SystemView } from "../actions/system-view.ts";

export function sharesStore(view: SystemView): boolean {
  return view.records?.available === true && view.storeReachable() && view.storeShared();
}

/** @throws {BaseError} without a store that answers and that all agents share. */
export function requireSharedStore(view: SystemView): void {
  if (sharesStore(view)) return;
  throw new BaseError("the fleet's store is not reachable or not shared by all agents", {
    code: "no-shared-store",
    retryable: true,
    nextStep: "Set LEADER_LOCK_URL to one store on every host, or use `oracle-agent` on a host.",
  });
}
