/** A watch as a stream of etcd's gateway, set up again whenever it ends. */
import { type Clock, describeError, type Logger, StoreUnavailableError, sleep } from "@jeju-oracle/kit";
import { z } from "zod";
import type { EtcdGateway } from "./etcd-gateway.ts";

const START_DEADLINE_MS = 5_000;
/** A stream whose connection died without notice looks like one on which nothing happens: each ends after this time. */
const RENEW_MS = 60_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;
/** The largest message by far is an event with a value; etcd takes no request above 1.5 MiB. */
const MESSAGE_MAX_CHARACTERS = 4 * 1024 * 1024;

const message = z.object({
  result: z.object({
    created: z.boolean().default(false),
    canceled: z.boolean().default(false),
    cancel_reason: z.string().default(""),
    events: z.array(z.unknown()).default([]),
  }),
});

export interface WatchContext {
  readonly gateway: EtcdGateway;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Calls `onChange` after a change of one of the keys, and when changes may have been missed, until `ended` aborts. */
export async function watchKeys(
  { gateway, clock, logger }: WatchContext,
  keys: { readonly key: string; readonly range_end: string },
  onChange: () => void,
  ended: AbortSignal,
): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  while (!ended.aborted) {
    const stream = new AbortController();
    const end = () => stream.abort();
    ended.addEventListener("abort", end, { once: true });
    let cancelTimer = clock.setTimer(START_DEADLINE_MS, end);
    let isRenewed = false;
    try {
      const chunks = await gateway.stream("/watch", { create_request: keys }, stream.signal);
      for await (const { created, canceled, cancel_reason, events } of messagesOf(chunks)) {
        if (ended.aborted) return;
        if (canceled) throw new StoreUnavailableError(`etcd ended the watch: ${cancel_reason}`);
        if (created) {
          retryMs = FIRST_RETRY_MS;
          cancelTimer();
          cancelTimer = clock.setTimer(RENEW_MS, () => {
            isRenewed = true;
            end();
          });
        }
        if (created || events.length > 0) onChange();
      }
    } catch (error) {
      if (!isRenewed && !ended.aborted) logger.debug("watching etcd failed", { error: describeError(error) });
    } finally {
      cancelTimer();
      end();
      ended.removeEventListener("abort", end);
    }
    if (!isRenewed) {
      await sleep(clock, retryMs, ended);
      retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
    }
  }
}

/** The gateway sends one JSON object per line. @throws when something else comes */
async function* messagesOf(chunks: ReadableStream<Uint8Array>) {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MESSAGE_MAX_CHARACTERS)
      throw new StoreUnavailableError("etcd sends a message without end");
    for (const line of lines) if (line.trim() !== "") yield message.parse(JSON.parse(line)).result;
  }
}
