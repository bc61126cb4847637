/** Names of the records in the store. What every agent reads at every look stands under one prefix, so that a look is one read. */

export const FLEET_PREFIX = "fleet/";
const LEASE_PREFIX = "fleet/lease/";
export const MEMBER_PREFIX = "fleet/member/";
export const INTENT_PREFIX = "fleet/intent/";
export const HISTORY_PREFIX = "history/";

/** The lease to push prices. */
export const ORACLE_LEASE = `${LEASE_PREFIX}oracle`;
/** The lease to poll and answer the chats. */
export const CHAT_LEASE = `${LEASE_PREFIX}chat`;

export const FAILOVER_INTENT = `${INTENT_PREFIX}failover`;
/** The latest pause or resume of the fleet. */
export const DIRECTIVE = `${INTENT_PREFIX}directive`;
/** The latest approval of a held price. */
export const APPROVAL = `${INTENT_PREFIX}approval`;
export const OVERRIDE_PREFIX = `${INTENT_PREFIX}override/`;
export const RESTART_PREFIX = `${INTENT_PREFIX}restart/`;

export function memberName(botId: string): string {
  return `${MEMBER_PREFIX}${botId}`;
}

/** Padded, so that the order of names is the order of terms. */
export function historyName(term: number): string {
  return `${HISTORY_PREFIX}${String(term).padStart(12, "0")}`;
}
