/** A failover, told in words: after `--kill-leader-after S`, or when somebody asks for it. */
import type { Ending } from "./ending.ts";
import type { WatchedAgent } from "./fleet-watch.ts";
import { killLeader } from "./kill-leader.ts";
import { namedLine } from "./log-prefix.ts";
import { DEVIATION_BPS, HEARTBEAT_S } from "./pace.ts";
import { pause } from "./pause.ts";

const NAME = "kill";

/**
 * Kills the leader after `afterS` (undefined: not at all) and tells what follows. Fails `ending` when nobody takes over in
 * time. Never rejects.
 */
export async function demonstrateFailover(
  agents: readonly WatchedAgent[],
  afterS: number | undefined,
  tell: (line: string) => void,
  ending: Ending,
): Promise<void> {
  if (afterS === undefined) return;
  await pause(afterS * 1000, ending.signal);
  if (!(await tellFailover(agents, tell, ending.signal))) {
    ending.fail(
      "The leader was to be killed and another one to update the oracle, and that did not happen in time.",
    );
  }
}

/** Kills the leader and tells what follows. @returns false when nobody took over in time. Never rejects. */
export async function tellFailover(
  agents: readonly WatchedAgent[],
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const say = (text: string) => tell(namedLine(NAME, text));
  const failover = await killLeader(
    agents,
    {
      killed: ({ botId, pid }) => say(`the leader ${botId} is killed: kill -9 ${pid}`),
      led: ({ botId, term }, afterMs) =>
        say(`${botId} leads, term ${term ?? "?"}, ${inS(afterMs)} after the kill`),
    },
    signal,
  );
  if (failover === undefined) return false;
  say(
    `${failover.landedBy} landed the next update ${inS(failover.landedAfterMs)} after the kill ` +
      `(due at a move of ${DEVIATION_BPS / 100} % or an age of ${HEARTBEAT_S} s)`,
  );
  return true;
}

function inS(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
