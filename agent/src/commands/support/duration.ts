/** Durations as people write and read them. Pure. */
import { UsageError } from "../../command-line/usage-error.ts";

const SECONDS_BY_UNIT = { d: 86_400, h: 3_600, m: 60, s: 1 } as const;
const PATTERN = /^(?=.)(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;

/** `90s`, `30m`, `2h`, `1h30m`, `1d` in seconds; undefined for anything else. */
export function parseDurationS(text: string): number | undefined {
  const match = PATTERN.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  const counts = match.slice(1).map((count) => Number(count ?? 0));
  return Object.values(SECONDS_BY_UNIT).reduce((sum, unit, index) => sum + unit * (counts[index] ?? 0), 0);
}

/**
 * The value of an option that is a duration, in seconds.
 * @throws {UsageError} when it is no duration, or not within the bounds.
 */
export function durationOptionS(option: string, text: string, leastS: number, mostS: number): number {
  const seconds = parseDurationS(text);
  if (seconds === undefined) {
    throw new UsageError(`--${option} is no duration`, "Write it like 90s, 30m, 2h or 1h30m.");
  }
  if (seconds >= leastS && seconds <= mostS) return seconds;
  throw new UsageError(
    `--${option} is ${describeMs(seconds * 1_000)}`,
    `It must be between ${describeMs(leastS * 1_000)} and ${describeMs(mostS * 1_000)}.`,
  );
}

/** For people: `0.8 s`, `12 s`, `4 min`, `2 h 5 min`, `3 d`. */
export function describeMs(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(seconds < 0.05 || Number.isInteger(seconds) ? 0 : 1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** An age for a table: whole seconds at least. */
export function describeAgeMs(ms: number): string {
  return `${describeMs(Math.max(0, Math.floor(ms / 1_000) * 1_000))} ago`;
}
