/** One message to one channel, tried a few times. What is told once a day is not worth more: the next day brings news. */
import { type Clock, describeError, type Logger, sleep, withDeadline } from "@jeju-oracle/kit";
import type { Channel } from "../../conversation/channel.ts";
import { ChannelError } from "../../conversation/channel-error.ts";
import type { OutboundMessage } from "../../conversation/outbound.ts";

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 5_000;
/** All attempts together take about ten minutes at most, also when a service asks for more patience. */
const LONGEST_PAUSE_MS = 120_000;
const SEND_DEADLINE_MS = 20_000;

/** @param what for the log. @returns whether it was sent. Never rejects. */
export async function deliver(
  channel: Pick<Channel, "id" | "send">,
  message: OutboundMessage,
  what: string,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  signal: AbortSignal,
): Promise<boolean> {
  let pauseMs = FIRST_PAUSE_MS;
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await withDeadline(clock, what, SEND_DEADLINE_MS, (either) => channel.send(message, either), signal);
      return true;
    } catch (error) {
      const channelError = error instanceof ChannelError ? error : undefined;
      const fields = { channel: channel.id, attempt, error: describeError(error) };
      if (channelError?.retryable === false || attempt >= ATTEMPTS) {
        logger.error(`The ${what} was not sent`, fields);
        return false;
      }
      logger.debug(`The ${what} is sent again`, fields);
      await sleep(clock, Math.min(channelError?.retryAfterMs ?? pauseMs, LONGEST_PAUSE_MS), signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
  return false;
}
