/**
 * Whether this process may use its bot id. A restart is welcome at once when the earlier process is provably gone; a second
 * live process under one id is refused. Pure: judged anew at every listing.
 *
 * Another process shows in two records: its own and the lease. A leader reports inside the lease, so its own record stands
 * still: only silence in both is silence.
 */
import type { StoreRecord } from "@jeju-oracle/kit";
import { type AgentIdentity, isSameAgent } from "../election/lease-record.ts";
import type { Liveness } from "../identity/process-probe.ts";
import { leaseOf, type Membership } from "./membership.ts";
import { memberName, ORACLE_LEASE } from "./names.ts";

/** Versions of records that name another process of this id, by record name. */
type Traces = ReadonlyMap<string, string>;

export type Registration =
  /** Nothing is known of the store yet, or an earlier process of this id has not been silent long enough. */
  | { readonly kind: "waiting"; readonly traces: Traces }
  /** `traces`: what an earlier process left behind, until it is overwritten. */
  | { readonly kind: "registered"; readonly traces: Traces }
  | { readonly kind: "refused"; readonly rival: AgentIdentity };

export const UNREGISTERED: Registration = { kind: "waiting", traces: new Map() };

/**
 * Judges the latest listing.
 * @param silenceMs silence after which a process that cannot be probed counts as gone.
 * @param probe tells whether a process is dead or alive, where that can be proved.
 */
export function judgeRegistration(
  before: Registration,
  self: AgentIdentity,
  membership: Membership,
  nowMs: number,
  silenceMs: number,
  probe: (identity: AgentIdentity) => Liveness,
): Registration {
  if (before.kind === "refused") return before;
  const rivals = rivalsOf(self, membership, nowMs)
    .map((rival) => ({ ...rival, liveness: probe(rival.identity) }))
    .filter(({ liveness }) => liveness !== "dead");
  const living = rivals.find((rival) => rival.liveness === "alive" || wroteSince(before, rival));
  if (living !== undefined) return { kind: "refused", rival: living.identity };
  const traces = new Map(rivals.map(({ record }) => [record.name, record.version]));
  const isFree = before.kind === "registered" || rivals.every(({ silentForMs }) => silentForMs >= silenceMs);
  return { kind: isFree ? "registered" : "waiting", traces };
}

interface Rival {
  readonly identity: AgentIdentity;
  readonly record: StoreRecord;
  readonly silentForMs: number;
  /** The record was last written by an operator. */
  readonly byOperator: boolean;
}

/** Whether a record shows that its process wrote after this one first saw it. */
function wroteSince(
  before: Exclude<Registration, { kind: "refused" }>,
  { record, byOperator }: Rival,
): boolean {
  if (byOperator || before.traces.get(record.name) === record.version) return false;
  const isFirstSight = before.kind === "waiting" && before.traces.size === 0;
  return !isFirstSight;
}

/** Records that name another process of this id as one that runs. */
function rivalsOf(self: AgentIdentity, membership: Membership, nowMs: number): Rival[] {
  const own = membership.watched.get(memberName(self.botId));
  const lease = membership.watched.get(ORACLE_LEASE);
  const { holder, revoked } = leaseOf(membership) ?? {};
  const claims = [
    {
      watched: own,
      identity: own?.member?.stopped === true ? undefined : own?.member?.identity,
      byOperator: false,
    },
    { watched: lease, identity: holder ?? undefined, byOperator: revoked === true },
  ];
  return claims.flatMap(({ watched, identity, byOperator }) =>
    watched === undefined || identity?.botId !== self.botId || isSameAgent(identity, self)
      ? []
      : [{ identity, record: watched.record, silentForMs: nowMs - watched.sinceMs, byOperator }],
  );
}
