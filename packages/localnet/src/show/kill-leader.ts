/** A failover on demand: kills the process that leads and measures, from outside, how long until another acts. */
import { type BotState, FleetWatch, leaderOf, type WatchedAgent } from "./fleet-watch.ts";
import { pause } from "./pause.ts";

export interface Failover {
  readonly killed: { readonly botId: string; readonly pid: number };
  /** The process that led next. */
  readonly successor: { readonly botId: string; readonly pid: number; readonly term: number | undefined };
  /** Times in ms since the kill, as they showed at `/health`; late by up to one look. */
  readonly ledAfterMs: number;
  readonly landedAfterMs: number;
  readonly landedBy: string;
}

export interface FailoverProgress {
  readonly killed: (leader: Failover["killed"]) => void;
  readonly led: (successor: Failover["successor"], afterMs: number) => void;
}

const LOOK_EVERY_MS = 100;
/** More than a lease and a heartbeat of the demonstration: after that something is wrong. */
const DEADLINE_MS = 120_000;

/**
 * Waits for a leader, kills it with SIGKILL, and waits until another process leads and has landed an update.
 * @returns undefined when that did not happen in time, or `signal` aborted. Never rejects.
 */
export async function killLeader(
  agents: readonly WatchedAgent[],
  progress: FailoverProgress,
  signal: AbortSignal,
  deadlineMs = DEADLINE_MS,
): Promise<Failover | undefined> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const watch = new FleetWatch(agents);
  const before = await lookUntil(watch, deadline, (fleet) => leadingProcess(fleet));
  if (before === undefined) return undefined;
  const { leader: killed, fleet } = before;
  const landedBefore = new Map(fleet.map(({ pid, health }) => [pid, health?.totalUpdates ?? 0]));
  if (!kill(killed.pid)) return undefined;
  const killedAtMs = performance.now();
  progress.killed(killed);

  const elected = await lookUntil(watch, deadline, (now) => {
    const found = leadingProcess(now);
    return found?.leader.pid === killed.pid ? undefined : found;
  });
  if (elected === undefined) return undefined;
  const { leader: successor } = elected;
  const ledAfterMs = performance.now() - killedAtMs;
  progress.led(successor, ledAfterMs);

  const landed = await lookUntil(watch, deadline, (now) =>
    now.find(
      ({ pid, health }) =>
        pid !== undefined && pid !== killed.pid && (health?.totalUpdates ?? 0) > (landedBefore.get(pid) ?? 0),
    ),
  );
  if (landed === undefined) return undefined;
  return {
    killed,
    successor,
    ledAfterMs,
    landedAfterMs: performance.now() - killedAtMs,
    landedBy: landed.botId,
  };
}

function leadingProcess(fleet: readonly BotState[]) {
  const found = leaderOf(fleet);
  if (found?.pid === undefined) return undefined;
  return { fleet, leader: { botId: found.botId, pid: found.pid, term: found.health?.term } };
}

/** False when it ended by itself a moment ago. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

async function lookUntil<T>(
  watch: FleetWatch,
  signal: AbortSignal,
  find: (fleet: readonly BotState[]) => T | undefined,
): Promise<T | undefined> {
  while (!signal.aborted) {
    const found = find(await watch.look());
    if (found !== undefined) return found;
    await pause(LOOK_EVERY_MS, signal);
  }
  return undefined;
}
