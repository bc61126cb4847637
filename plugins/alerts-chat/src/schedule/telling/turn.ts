/**
 * Which one agent tells the fleet's chats something that is told once a day. The one that answers the chats claims the day by one
 * compare-and-set before it tells; whoever finds the claim is silent. So a claim without a message is possible, when the agent dies
 * in between, and two messages are not.
 */
import {
  type ChatLeasePort,
  type Clock,
  describeError,
  type Logger,
  type SharedRecords,
  sleep,
} from "@jeju-oracle/kit";

export interface TurnOptions {
  readonly botId: string;
  readonly chatLease: Pick<ChatLeasePort, "holds">;
  readonly records: SharedRecords;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The chat lease may be on its way to another agent when the clock strikes: it gets there within a lease's time. */
const WINDOW_MS = 300_000;
const LOOK_EVERY_MS = 5_000;
const KEPT_CLAIMS = 7;
/** Bounds the work of one removal. */
const REMOVED_AT_ONCE = 20;

/**
 * Waits until this agent has claimed the day, another has, or the time for it is over.
 * @param prefix of the claims' names, such as `digest/`.
 * @returns whether this agent tells. Never rejects.
 */
export async function takeTurn(
  options: TurnOptions,
  prefix: string,
  day: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { botId, chatLease, records, clock, logger } = options;
  if (!records.available) return true;
  const name = `${prefix}${day}`;
  // The same bytes at each try: a write whose outcome was unknown is found to be ours.
  const claim = JSON.stringify({ by: botId, atMs: clock.wallMs(), nonce: crypto.randomUUID() });
  const startedAtMs = clock.monotonicMs();
  while (!signal.aborted && clock.monotonicMs() - startedAtMs <= WINDOW_MS) {
    if (chatLease.holds()) {
      try {
        const { won } = await records.cas(name, null, claim);
        if (won) await removeOldClaims(records, prefix, logger);
        return won;
      } catch (error) {
        logger.warn("The day could not be claimed yet", { name, error: describeError(error) });
      }
    }
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
  return false;
}

async function removeOldClaims(records: SharedRecords, prefix: string, logger: Logger): Promise<void> {
  try {
    const old = (await records.list(prefix)).slice(0, -KEPT_CLAIMS).slice(0, REMOVED_AT_ONCE);
    for (const record of old) await records.cas(record.name, record, null);
  } catch (error) {
    logger.debug("Old claims stay in the store for now", { prefix, error: describeError(error) });
  }
}
