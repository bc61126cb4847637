import { type Clock, systemClock } from "../clock.ts";

/** A clock that runs `speedUp` times as fast as the host's: an hour of chain time in minutes, timers included. */
export function scaledClock(speedUp: number, startWallMs = systemClock.wallMs()): Clock {
  const startMonotonicMs = systemClock.monotonicMs();
  const elapsedMs = () => (systemClock.monotonicMs() - startMonotonicMs) * speedUp;
  return {
    wallMs: () => startWallMs + elapsedMs(),
    monotonicMs: elapsedMs,
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / speedUp, callback),
  };
}
