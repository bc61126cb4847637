/** What a leader does about the intents that it finds at a look. Pure: the shell carries it out. */
import type { FleetMember, StoreRecord } from "@jeju-oracle/kit";
import { FAILOVER_INTENT, RESTART_PREFIX } from "../fleet/names.ts";
import { candidates } from "../fleet/standing.ts";
import { decodeFailover, decodeRestart, encodeIntent, type FailoverIntent } from "./intent-records.ts";

export type LeaderDuty =
  | { readonly kind: "hand-over"; readonly to: string; readonly why: string }
  /** Writes down why a failover is not done, for whoever asked. */
  | { readonly kind: "refuse"; readonly record: StoreRecord; readonly next: string; readonly why: string }
  /** The intent is void. */
  | { readonly kind: "tidy"; readonly record: StoreRecord };

export interface LeaderView {
  readonly botId: string;
  readonly term: number;
  readonly members: readonly FleetMember[];
  readonly records: ReadonlyMap<string, StoreRecord>;
}

/** The duties of the moment; empty most of the time. */
export function leaderDuties(view: LeaderView): readonly LeaderDuty[] {
  return [...failoverDuties(view), ...restartDuties(view)];
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
