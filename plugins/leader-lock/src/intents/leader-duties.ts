/** What a leader owes to the records that it finds at a look: intents, and members that are gone. Pure: the shell carries it out. */
import type { FleetMember, StoreRecord } from "@jeju-oracle/kit";
import type { SilentRecord } from "../fleet/membership.ts";
import { FAILOVER_INTENT, RESTART_PREFIX } from "../fleet/names.ts";
import { candidates } from "../fleet/standing.ts";
import { decodeFailover, decodeRestart, encodeIntent, type FailoverIntent } from "./intent-records.ts";

export type LeaderDuty =
  | { readonly kind: "hand-over"; readonly to: string; readonly why: string }
  /** Writes down why a failover is not done, for whoever asked. */
  | { readonly kind: "refuse"; readonly record: StoreRecord; readonly next: string; readonly why: string }
  /** The intent is void, or the member is gone. */
  | { readonly kind: "tidy"; readonly record: StoreRecord }
  /** The leader has no record of its own: commands that look for members would not find it. */
  | { readonly kind: "introduce" };

export interface LeaderView {
  readonly botId: string;
  readonly term: number;
  /** Whether the store has a member record of this very process. */
  readonly isListed: boolean;
  readonly members: readonly FleetMember[];
  /** Records of other members that are gone, the longest silent first. By the leader's own clock. */
  readonly silent: readonly SilentRecord[];
  readonly records: ReadonlyMap<string, StoreRecord>;
}

/** Long enough to see at the next shift who is missing. */
const FORGOTTEN_AFTER_MS = 86_400_000;
/** A bot id that is new at every start, such as a container's host name, must not fill the store within a day. */
const SILENT_KEPT = 50;
/** Bounds the work of one run; what is left is due again at the next one. */
const REMOVED_AT_ONCE = 10;

/** The duties of the moment; empty most of the time. */
export function leaderDuties(view: LeaderView): readonly LeaderDuty[] {
  return [
    ...(view.isListed ? [] : [{ kind: "introduce" } as const]),
    ...restartDuties(view),
    ...membershipDuties(view),
    // Last: it ends the leadership.
    ...failoverDuties(view),
  ];
}

function membershipDuties({ silent }: LeaderView): LeaderDuty[] {
  const surplus = silent.length - SILENT_KEPT;
  return silent
    .filter(({ silentForMs }, index) => silentForMs >= FORGOTTEN_AFTER_MS || index < surplus)
    .slice(0, REMOVED_AT_ONCE)
    .map(({ record }) => ({ kind: "tidy", record }));
}

function failoverDuties(view: LeaderView): LeaderDuty[] {
  const record = view.records.get(FAILOVER_INTENT);
  if (record === undefined) return [];
  const intent = decodeFailover(record.value);
  if (intent === undefined || intent.forTerm < view.term) return [{ kind: "tidy", record }];
  if (intent.refused !== undefined || intent.forTerm > view.term) return [];
  const choice = chooseSuccessor(intent, view);
  if (typeof choice === "string") {
    return [{ kind: "refuse", record, next: encodeIntent({ ...intent, refused: choice }), why: choice }];
  }
  return [
    {
      kind: "hand-over",
      to: choice.botId,
      why: `failover to ${choice.botId} by ${intent.by}: ${intent.reason}`,
    },
  ];
}

/** The member that shall lead, or why there is none. */
function chooseSuccessor(intent: FailoverIntent, { botId, members }: LeaderView): FleetMember | string {
  const others = candidates(members).filter((member) => member.botId !== botId);
  const { to } = intent;
  if (to === undefined) {
    const [best] = others;
    return best?.fit === true ? best : "no other member is alive and fit to lead";
  }
  if (to === botId) return `${to} leads already`;
  const wanted = members.find((member) => member.botId === to);
  if (wanted === undefined) return `${to} is not a member: ${names(members)}`;
  if (wanted.nofailover) return `${to} never leads (LEADER_NOFAILOVER)`;
  if (!wanted.alive) return `${to} is not alive`;
  return wanted.fit ? wanted : `${to} is not fit to lead: ${wanted.unfitReasons.join("; ")}`;
}

/** A restart whose process is gone was done, or will never be. */
function restartDuties({ records, members }: LeaderView): LeaderDuty[] {
  return [...records.values()]
    .filter(({ name }) => name.startsWith(RESTART_PREFIX))
    .filter(({ value }) => {
      const intent = decodeRestart(value);
      return !members.some(
        ({ botId, incarnation, role }) =>
          botId === intent?.botId && incarnation === intent.incarnation && role !== "stopped",
      );
    })
    .map((record) => ({ kind: "tidy", record }));
}

function names(members: readonly FleetMember[]): string {
  return members.map(({ botId }) => botId).join(", ");
}
