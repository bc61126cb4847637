/** Shows a fleet until it is over: the status once a second, and what to try as soon as somebody leads. */
import { fleetBlock, fleetLine, type Paint } from "./fleet-status.ts";
import { FleetWatch, leaderOf, type WatchedAgent } from "./fleet-watch.ts";
import { hints } from "./hints.ts";
import type { LiveOutput } from "./live-output.ts";
import { pause } from "./pause.ts";

const STATUS_EVERY_MS = 1_000;
/** Agents start and elect within seconds; without a leader there is still something to try. */
const HINTS_AFTER_MS = 20_000;

export interface ShownFleet {
  readonly agents: readonly WatchedAgent[];
  readonly lockFile: string;
  readonly paint: Paint;
}

/** Returns after `seconds` (undefined: never), or when `signal` aborts. */
export async function showFleet(
  { agents, lockFile, paint }: ShownFleet,
  output: LiveOutput,
  seconds: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const watch = new FleetWatch(agents);
  const startedAtMs = performance.now();
  const endAtMs = seconds === undefined ? Number.POSITIVE_INFINITY : startedAtMs + seconds * 1000;
  let hinted = false;
  while (!signal.aborted && performance.now() < endAtMs) {
    const fleet = await watch.look();
    const leader = leaderOf(fleet);
    if (!hinted && (leader !== undefined || performance.now() - startedAtMs > HINTS_AFTER_MS)) {
      hinted = true;
      for (const line of hints(leader, lockFile)) output.line(line);
    }
    output.status({
      block: (columns) => fleetBlock(fleet, columns, Date.now(), paint),
      line: () => fleetLine(fleet, Date.now()),
    });
    await pause(Math.min(STATUS_EVERY_MS, Math.max(0, endAtMs - performance.now())), signal);
  }
}
