/**
 * Whether this process may use its bot id. A restart is welcome at once when the earlier process is provably gone; a second
 * live process under one id is refused. Pure: judged anew at every listing.
 */
import type { StoreRecord } from "@jeju-oracle/kit";
import { type AgentIdentity, isSameAgent } from "../election/lease-record.ts";
import type { Liveness } from "../identity/process-probe.ts";
import { decodeMember } from "./member-record.ts";
import { leaseOf, type Membership } from "./membership.ts";
import { memberName, ORACLE_LEASE } from "./names.ts";

export type Registration =
  /** Nothing is known of the store yet, or an earlier process of this id has not been silent long enough. */
  | {
      readonly kind: "waiting";
      readonly rival: AgentIdentity | undefined;
      readonly rivalVersion: string | undefined;
    }
  | { readonly kind: "registered" }
  | { readonly kind: "refused"; readonly rival: AgentIdentity };

export const UNREGISTERED: Registration = { kind: "waiting", rival: undefined, rivalVersion: undefined };

/**
 * Judges the latest listing.
 * @param probe tells whether a process is dead or alive, where that can be proved.
 */
export function judgeRegistration(
  before: Registration,
  self: AgentIdentity,
  membership: Membership,
  nowMs: number,
  ttlMs: number,
  probe: (identity: AgentIdentity) => Liveness,
): Registration {
  if (before.kind === "refused") return before;
  const rival = findRival(self, membership, nowMs);
  if (rival === undefined) return { kind: "registered" };
  switch (probe(rival.identity)) {
    case "dead":
      return { kind: "registered" };
    case "alive":
      return { kind: "refused", rival: rival.identity };
    case "unknown":
      break;
  }
  // It wrote again after this process first saw it: somebody lives there.
  const wroteAgain =
    before.kind === "registered" ||
    (before.rivalVersion !== undefined && before.rivalVersion !== rival.version);
  if (wroteAgain) return { kind: "refused", rival: rival.identity };
  if (rival.silentForMs >= ttlMs) return { kind: "registered" };
  return { kind: "waiting", rival: rival.identity, rivalVersion: rival.version };
}

interface Rival {
  readonly identity: AgentIdentity;
  readonly version: string;
  readonly silentForMs: number;
}

/** Another process under this id: in its member record, or in the lease. */
function findRival(self: AgentIdentity, membership: Membership, nowMs: number): Rival | undefined {
  const record = membership.records.get(memberName(self.botId));
  const member = record === undefined ? undefined : decodeMember(record.value);
  if (
    record !== undefined &&
    member !== undefined &&
    !member.stopped &&
    !isSameAgent(member.identity, self)
  ) {
    return rivalIn(record, member.identity, membership, nowMs);
  }
  const leaseRecord = membership.records.get(ORACLE_LEASE);
  const holder = leaseOf(membership)?.holder;
  if (leaseRecord === undefined || holder == null) return undefined;
  if (holder.botId !== self.botId || isSameAgent(holder, self)) return undefined;
  return rivalIn(leaseRecord, holder, membership, nowMs);
}

function rivalIn(
  record: StoreRecord,
  identity: AgentIdentity,
  { watched }: Membership,
  nowMs: number,
): Rival {
  const sinceMs = watched.get(record.name)?.sinceMs ?? nowMs;
  return { identity, version: record.version, silentForMs: nowMs - sinceMs };
}
