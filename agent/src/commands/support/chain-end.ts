/** The end of a pause or override: a duration from now, by Jeju's time. */
import { readChainTime } from "./chain-time.ts";
import { describeMs } from "./duration.ts";
import type { FleetSession } from "./session.ts";
import { isoTime } from "./times.ts";

/** Shorter than agents take to hear of it. */
export const SHORTEST_S = 10;
/** What shall last longer is a decision for the configuration, or for a person who resumes. */
export const LONGEST_S = 86_400;

export interface ChainEnd {
  readonly untilChainTimeS: bigint;
  /** `for 2 h, until 2026-03-01T12:00:00Z by Jeju's time`. */
  readonly text: string;
}

/** @throws {ConfigError} {ChainTimeUnknownError} */
export async function chainEnd(
  { env, clock, interrupted, terminal }: FleetSession,
  lastsS: number,
): Promise<ChainEnd> {
  const { timeS, note } = await readChainTime(env, clock, interrupted);
  if (note !== undefined) await terminal.note(note);
  const untilChainTimeS = timeS + BigInt(lastsS);
  const until = isoTime(Number(untilChainTimeS) * 1_000);
  return { untilChainTimeS, text: `for ${describeMs(lastsS * 1_000)}, until ${until} by Jeju's time` };
}
