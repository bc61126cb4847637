/** SIGTERM and SIGINT: the first asks for an orderly end, the second ends at once. */
import type { Logger } from "@jeju-oracle/kit";
import { EXIT_BY_SIGNAL } from "./exit-codes.ts";

export type StopSignal = keyof typeof EXIT_BY_SIGNAL;

/** Calls `onFirst` once; a second signal of either kind leaves through `exit`. Returns a function that stops listening. */
export function onStopSignal(
  logger: Logger,
  onFirst: (signal: StopSignal) => void,
  exit: (code: number) => void,
): () => void {
  let asked = false;
  const removers = (Object.keys(EXIT_BY_SIGNAL) as StopSignal[]).map((signal) => {
    const listener = () => {
      if (asked) {
        logger.warn("Second signal: leaving at once", { signal });
        exit(EXIT_BY_SIGNAL[signal]);
        return;
      }
      asked = true;
      onFirst(signal);
    };
    process.on(signal, listener);
    return () => void process.off(signal, listener);
  });
  return () => {
    for (const remove of removers) remove();
  };
}
