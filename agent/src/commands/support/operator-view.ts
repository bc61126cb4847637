/** The system as runbooks and actions see it, from store and chain alone: no agent is asked. */
import { type FleetMember, InvariantError, type LeadershipStatus, silentLogger } from "@jeju-oracle/kit";
import {
  createOwnerOffice,
  type OwnerOffice,
  type SystemView,
} from "@jeju-oracle/plugin-alerts-chat/operator";
import { type FleetReport, type MemberEntry, withAllFields } from "@jeju-oracle/plugin-leader-lock";
import { isCurrent } from "./member-picture.ts";
import type { OperatorSession } from "./operator-session.ts";
import { silentMembers, type WatchedReport, watchedReport } from "./watched-report.ts";

/** Who asks; no agent has this name. */
const NOBODY = "the command line";

/** Whether only members of the store update the oracle; throws when that cannot be told. */
type StoreShared = () => boolean;

const notLookedAt: StoreShared = () => {
  throw new InvariantError("who updates the oracle was not looked at");
};

/**
 * What it tells is of the moment when it was made.
 * @param look finds out whether the store is shared; only runbooks ask that. @throws {StoreUnavailableError} {StoreUnusableError}
 */
export async function operatorView(
  session: OperatorSession,
  look?: (members: readonly FleetMember[]) => Promise<StoreShared>,
): Promise<SystemView> {
  const { fleet } = session;
  const watched = fleet === undefined ? undefined : await watchedReport(fleet, silentMembers);
  const shared = await look?.(watched === undefined ? [] : membersOf(watched));
  return viewOf(session, watched, shared);
}

/** @param watched undefined when the store does not answer. */
function viewOf(
  session: OperatorSession,
  watched: WatchedReport | undefined,
  storeShared = notLookedAt,
): SystemView {
  const { clock, env, fleet } = session;
  const members = watched === undefined ? [] : membersOf(watched);
  let owner: OwnerOffice | undefined;
  return {
    botId: NOBODY,
    clock,
    logger: silentLogger,
    snapshot: () => undefined,
    leadership: () => (watched === undefined ? undefined : leadershipOf(watched.report)),
    members: () => members,
    storeReachable: () => watched !== undefined,
    storeShared,
    fleet: fleet?.office.control,
    records: fleet?.office.records,
    // A look that needs no chain must not fail for a variable of the chain.
    get owner() {
      owner ??= createOwnerOffice(env, clock);
      return owner;
    },
  };
}

function membersOf({ report, picture }: WatchedReport): readonly FleetMember[] {
  const alive = new Set(picture.members.filter(({ state }) => isCurrent(state)).map(({ botId }) => botId));
  return report.members.map((entry) => memberOf(entry, alive.has(entry.identity.botId)));
}

function memberOf({ identity, stopped, leads, report }: MemberEntry, alive: boolean): FleetMember {
  const { botId, incarnation, host, pid } = identity;
  return {
    botId,
    incarnation,
    host,
    pid,
    ...withAllFields(report),
    role: stopped ? "stopped" : leads ? "leader" : "follower",
    alive,
    silentForMs: undefined,
  };
}

function leadershipOf({ lease }: FleetReport): LeadershipStatus | undefined {
  if (lease === undefined) return undefined;
  const { term, holder } = lease;
  return { role: "follower", term, leaderId: holder?.botId, validForMs: undefined };
}
