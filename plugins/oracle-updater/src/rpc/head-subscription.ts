/**
 * New heads over a WebSocket: a hint to look now. Nothing depends on it; the poll interval goes on beside it. Reconnects
 * by itself, also when the connection stays open but falls silent.
 */
import { type Clock, type Logger, type Supervised, sleep, supervise } from "@jeju-oracle/kit";

/** Longer than any block time of the chains in use. */
const SILENCE_MS = 30_000;
const FIRST_RECONNECT_MS = 500;
const MAX_RECONNECT_MS = 15_000;

/** Calls `onHead` at every new head until stopped. */
export function subscribeToHeads(url: string, clock: Clock, logger: Logger, onHead: () => void): Supervised {
  return supervise(clock, logger, "new-heads subscription", async (signal) => {
    let delayMs = FIRST_RECONNECT_MS;
    while (!signal.aborted) {
      const heads = await listenOnce(url, clock, signal, onHead);
      if (signal.aborted) return;
      delayMs = heads > 0 ? FIRST_RECONNECT_MS : Math.min(delayMs * 2, MAX_RECONNECT_MS);
      logger.warn("New-heads subscription ended, polling goes on", { heads, reconnectInMs: delayMs });
      await sleep(clock, delayMs, signal);
    }
  });
}

/** One connection, until it closes, errs or falls silent. Resolves with the number of heads it brought. */
function listenOnce(url: string, clock: Clock, signal: AbortSignal, onHead: () => void): Promise<number> {
  return new Promise((resolve) => {
    let heads = 0;
    const socket = new WebSocket(url);
    let cancelSilence = clock.setTimer(SILENCE_MS, finish);
    function finish(): void {
      cancelSilence();
      signal.removeEventListener("abort", finish);
      socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close();
      resolve(heads);
    }
    signal.addEventListener("abort", finish, { once: true });
    socket.onopen = () =>
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["newHeads"] }));
    socket.onclose = finish;
    socket.onerror = finish;
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string" || !data.includes("eth_subscription")) return;
      heads += 1;
      cancelSilence();
      cancelSilence = clock.setTimer(SILENCE_MS, finish);
      onHead();
    };
  });
}
