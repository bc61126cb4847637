/** Whether updates are paused, by whom and until when. Survives a restart: the journal keeps it. */
import { z } from "zod";
import type { Journal } from "../transaction/journal.ts";

const pauseSchema = z.object({
  kind: z.enum(["operator", "foreign-update"]),
  by: z.string(),
  reason: z.string(),
  /** Chain time in seconds, as decimal text; absent: until resumed. */
  untilS: z.string().regex(/^\d+$/).optional(),
});

export type Pause = z.output<typeof pauseSchema>;

const SETTING = "pause";

export class PauseBook {
  readonly #journal: Journal;
  #pause: Pause | undefined;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.#pause = readPause(journal);
  }

  /**
   * An operator's pause never replaces a foreign-update hold: it could end by itself, and the hold must not.
   * @throws {JournalError} when it cannot be stored; it is in force all the same until this process ends.
   */
  set(pause: Pause): void {
    if (this.#pause?.kind === "foreign-update" && pause.kind === "operator") return;
    this.#pause = pause;
    this.#journal.writeSetting(SETTING, JSON.stringify(pause));
  }

  clear(): void {
    this.#journal.writeSetting(SETTING, undefined);
    this.#pause = undefined;
  }

  /** The pause in force at a chain time; an expired one is removed. */
  current(chainTimeS: bigint): Pause | undefined {
    const untilS = this.#pause?.untilS;
    if (untilS !== undefined && chainTimeS >= BigInt(untilS)) this.clear();
    return this.#pause;
  }

  /** The pause as last known, without judging its expiry. */
  peek(): Pause | undefined {
    return this.#pause;
  }
}

/** What cannot be read any more counts as a pause: forgetting one would be worse than keeping one. */
function readPause(journal: Journal): Pause | undefined {
  const text = journal.readSetting(SETTING);
  if (text === undefined) return undefined;
  try {
    return pauseSchema.parse(JSON.parse(text));
  } catch {
    return {
      kind: "operator",
      by: "journal",
      reason: "a pause was stored that cannot be read; resume when it is safe",
    };
  }
}

/** One line for people. */
export function describePause(pause: Pause): string {
  return pause.kind === "foreign-update"
    ? `held since a foreign update: ${pause.reason}`
    : `paused by ${pause.by}: ${pause.reason}`;
}
