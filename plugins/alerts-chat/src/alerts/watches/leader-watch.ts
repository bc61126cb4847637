/** Who leads, watched from memory: another leader is an event. The same words on every host, so that the fleet tells it once. */
import { type AlertSink, type Clock, type LeadershipStatus, sleep } from "@jeju-oracle/kit";

const LOOK_EVERY_MS = 1_000;

export async function watchLeader(
  leadership: () => LeadershipStatus | undefined,
  alerts: AlertSink,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let leaderId: string | undefined;
  while (!signal.aborted) {
    const status = leadership();
    if (status?.leaderId !== undefined) {
      if (leaderId !== undefined && status.leaderId !== leaderId) {
        // Terms count from 1 again when the store was wiped.
        const key = `leader-changed:${status.term}-${status.leaderId}`;
        alerts.raise({
          key,
          severity: "info",
          summary: `${status.leaderId} leads (term ${status.term}), after ${leaderId}`,
          nextStep: "Nothing, if somebody asked for it; else see why the one before stopped.",
        });
        // An event is over when it is told: what holds is that it happened.
        alerts.clear(key);
      }
      leaderId = status.leaderId;
    }
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
}
