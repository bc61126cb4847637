/**
 * Whether updates are paused, by whom and until when, and which directives of the fleet were obeyed. Both are one record
 * of the journal, so that a restart neither forgets a pause nor obeys a directive again.
 */
import type { FleetDirective } from "@jeju-oracle/kit";
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

const recordSchema = z.strictObject({
  pause: pauseSchema.optional(),
  /** Ids of obeyed directives, newest last. */
  obeyed: z.array(z.string()),
});
type Record = z.output<typeof recordSchema>;

const SETTING = "pause";
/** More directives than a store that lags could show again. */
const REMEMBERED_DIRECTIVES = 32;

export class PauseBook {
  readonly #journal: Journal;
  #record: Record;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.#record = readRecord(journal);
  }

  /**
   * An operator's pause never replaces a foreign-update hold: it could end by itself, and the hold must not.
   * @throws {JournalError} when it cannot be stored; it is in force all the same until this process ends.
   */
  set(pause: Pause): void {
    if (this.#record.pause?.kind === "foreign-update" && pause.kind === "operator") return;
    this.#record = { ...this.#record, pause };
    this.#store(this.#record);
  }

  /** Ends pause and hold. @throws {JournalError} when that cannot be stored; then nothing has ended. */
  clear(): void {
    const cleared = { obeyed: this.#record.obeyed };
    this.#store(cleared);
    this.#record = cleared;
  }

  /**
   * Obeys a directive of the fleet, once.
   * @returns false when it was obeyed before.
   * @throws {JournalError} when that cannot be stored: it counts as not obeyed, but a pause is in force all the same.
   */
  obey(directive: FleetDirective): boolean {
    const { id, kind } = directive;
    if (this.#record.obeyed.includes(id)) return false;
    const obeyed = [...this.#record.obeyed, id].slice(-REMEMBERED_DIRECTIVES);
    if (kind === "pause" && this.#record.pause?.kind !== "foreign-update") {
      this.#record = { ...this.#record, pause: operatorPause(directive) };
    }
    const next = kind === "pause" ? { ...this.#record, obeyed } : { obeyed };
    this.#store(next);
    this.#record = next;
    return true;
  }

  /** The directive that was obeyed last. */
  get directiveId(): string | undefined {
    return this.#record.obeyed.at(-1);
  }

  /** The pause in force at a chain time; an expired one is removed. */
  current(chainTimeS: bigint): Pause | undefined {
    const untilS = this.#record.pause?.untilS;
    if (untilS !== undefined && chainTimeS >= BigInt(untilS)) this.clear();
    return this.#record.pause;
  }

  /** The pause as last known, without judging its expiry. */
  peek(): Pause | undefined {
    return this.#record.pause;
  }

  #store(record: Record): void {
    const empty = record.pause === undefined && record.obeyed.length === 0;
    this.#journal.writeSetting(SETTING, empty ? undefined : JSON.stringify(record));
  }
}

/** What cannot be read any more counts as a pause: forgetting one would be worse than keeping one. */
function readRecord(journal: Journal): Record {
  const text = journal.readSetting(SETTING);
  if (text === undefined) return { obeyed: [] };
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    const reason = "a pause was stored that cannot be read; resume when it is safe";
    return { pause: { kind: "operator", by: "journal", reason }, obeyed: [] };
  }
}

/** A person's pause, in the form that is kept. */
export function operatorPause({
  by,
  reason,
  untilChainTimeS,
}: Pick<FleetDirective, "by" | "reason" | "untilChainTimeS">): Pause {
  const end = untilChainTimeS === undefined ? {} : { untilS: untilChainTimeS.toString() };
  return { kind: "operator", by, reason, ...end };
}

/** One line for people. */
export function describePause(pause: Pause): string {
  return pause.kind === "foreign-update"
    ? `held since a foreign update: ${pause.reason}`
    : `paused by ${pause.by}: ${pause.reason}`;
}
