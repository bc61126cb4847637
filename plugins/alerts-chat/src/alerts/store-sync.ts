/**
 * The alerts and silences in the fleet's store. What this agent changed goes there as soon as the store answers; what others changed
 * comes from there once after the start, and then while somebody here needs to know. Nothing to tell and nobody who needs it: no request.
 */
import { createHash } from "node:crypto";
import {
  BaseError,
  type Clock,
  decodeJson,
  describeError,
  type Logger,
  type SharedRecords,
  type StoreRecord,
  StoreUnavailableError,
  sleep,
} from "@jeju-oracle/kit";
import { type Alert, isActive } from "./alert.ts";
import type { AlertBook } from "./alert-book.ts";
import { decodeAlert } from "./ledger.ts";
import { saySame } from "./merge.ts";
import { type Silence, silenceSchema } from "./silence.ts";
import { rankOf } from "./slots.ts";
import { Wake } from "./wake.ts";

export interface StoreSyncOptions {
  readonly records: SharedRecords;
  readonly book: AlertBook;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether this agent itself sees it. */
  readonly isOwn: (alert: Alert) => boolean;
  /** How often what others changed must be known, ms; undefined: not at all. Asked before each wait. */
  readonly pullEveryMs: () => number | undefined;
  /** Everything in the store is known now. */
  readonly pulled: () => void;
}

const PREFIX = "alert/";
const ALERTS = `${PREFIX}a/`;
const SILENCES = `${PREFIX}s/`;
/** A record's name is bounded by the file store. */
const LONGEST_PLAIN_NAME = 80;
/** More racers than a fleet has. */
const TRIES = 10;
const RETRY_AFTER_MS = 2_000;
/** Between two listings, however many hints there are. */
const SHORTEST_PULL_MS = 500;
/** Nothing to do: it is looked whether that is still so. */
const IDLE_MS = 30_000;
/** Silences that ended are known for a day: what ended under one stays silent. */
const KEPT_SILENCES_MS = 86_400_000;

/** Others changed the alert each time it was to be written. */
class AlertContendedError extends BaseError {
  constructor(fingerprint: string) {
    super(`the alert ${fingerprint} was changed by others ${TRIES} times in a row`, {
      code: "alert-contended",
      retryable: true,
      nextStep: "None: it is written again by itself.",
    });
  }
}

export class StoreSync {
  readonly #options: StoreSyncOptions;
  readonly #wake = new Wake();
  /** Records as last seen, to compare and set without reading first. */
  readonly #known = new Map<string, StoreRecord>();
  readonly #writing = new Map<string, Promise<void>>();
  #silences: readonly Silence[] = [];
  #pulledAtMs: number | undefined;
  #isPullDue = false;

  constructor(options: StoreSyncOptions) {
    this.#options = options;
  }

  /** As last listed. */
  get silences(): readonly Silence[] {
    return this.#silences;
  }

  /** Monotonic time of the last listing that succeeded; undefined before the first. */
  get pulledAtMs(): number | undefined {
    return this.#pulledAtMs;
  }

  /** Something is to be written. */
  ring(): void {
    this.#wake.ring();
  }

  /** Something may have changed in the store. */
  hint(): void {
    this.#isPullDue = true;
    this.#wake.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { records, clock, logger, pullEveryMs } = this.#options;
    if (!records.available) return;
    const endWatch = records.watch(PREFIX, () => {
      if (pullEveryMs() !== undefined) this.hint();
    });
    try {
      while (!signal.aborted) {
        const problem = await this.#exchange(signal);
        if (problem !== undefined) {
          logger.debug("Alerts could not be shared with the fleet", { error: describeError(problem) });
          // Whoever raises must not make a store that is away be asked in a circle.
          await sleep(clock, RETRY_AFTER_MS, signal);
        }
        const isBehind = problem !== undefined && this.#options.book.unsynced().length > 0;
        await this.#wake.wait(clock, isBehind ? 0 : (this.#pullDueInMs() ?? IDLE_MS), signal);
      }
    } finally {
      endWatch();
    }
  }

  /** Reads when that is due: what was told must be known first. Then writes what is to be written. @returns what went wrong. */
  async #exchange(signal: AbortSignal): Promise<unknown> {
    let problem: unknown;
    try {
      if (this.#pullDueInMs() === 0) await this.pull();
    } catch (error) {
      if (error instanceof StoreUnavailableError) return error;
      problem = error;
    }
    for (const alert of this.#options.book.unsynced().toSorted(byUrgency)) {
      // Whoever may tell as soon as it knows what was told must not wait for a thousand writes.
      if (signal.aborted || (this.#isPullDue && this.#pullDueInMs() === 0)) return problem;
      // Whoever changed it may have brought it there meanwhile.
      if (!this.#options.book.isUnsynced(alert.fingerprint)) continue;
      try {
        await this.write(alert.fingerprint);
      } catch (error) {
        // A store that is away is away for the others too. What it does not take of one alert must not hold up the others.
        if (error instanceof StoreUnavailableError) return error;
        problem = error;
      }
    }
    return problem;
  }

  /** Brings one alert to the store as it stands now. @throws {StoreUnavailableError} {AlertContendedError} */
  async write(fingerprint: string): Promise<void> {
    const before = this.#writing.get(fingerprint);
    if (before !== undefined) {
      // Two writers of one process would only make each other lose. What the first one met, this one meets again.
      await Promise.allSettled([before]);
      if (!this.#options.book.isUnsynced(fingerprint)) return;
    }
    const work = this.#write(fingerprint);
    this.#writing.set(fingerprint, work);
    try {
      await work;
    } finally {
      if (this.#writing.get(fingerprint) === work) this.#writing.delete(fingerprint);
    }
  }

  async #write(fingerprint: string): Promise<void> {
    const { records, book } = this.#options;
    const name = nameOf(fingerprint);
    let current = this.#known.get(name) ?? (await records.read(name));
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const stored = current === null ? undefined : decodeAlert(current.value);
      const alert = stored === undefined ? book.find(fingerprint) : book.learn(stored).alert;
      if (alert === undefined) return;
      if (stored !== undefined && saySame(alert, stored)) {
        this.#remember(name, current);
        book.settled(alert);
        return;
      }
      const result = await records.cas(
        name,
        current,
        JSON.stringify({ ...alert, nonce: crypto.randomUUID() }),
      );
      current = result.won ? result.record : result.current;
      this.#remember(name, current);
      if (!result.won) continue;
      book.settled(alert);
      return;
    }
    throw new AlertContendedError(fingerprint);
  }

  /** Learns everything that is in the store. @throws {StoreUnavailableError} */
  async pull(): Promise<void> {
    const { records, book, clock, isOwn } = this.#options;
    this.#isPullDue = false;
    const listed = await records.list(PREFIX);
    const before = new Map(this.#known);
    this.#known.clear();
    for (const record of listed) this.#known.set(record.name, record);
    this.#silences = listed
      .filter(({ name }) => name.startsWith(SILENCES))
      .flatMap(({ value }) => decodeSilence(value) ?? []);
    for (const { name, value, version } of listed) {
      // What has not changed is known: a thousand alerts must not be read anew every few seconds.
      if (!name.startsWith(ALERTS) || before.get(name)?.version === version) continue;
      const alert = decodeAlert(value);
      if (alert !== undefined) book.learn(alert);
    }
    for (const alert of book.all().filter(isActive)) {
      if (this.#known.has(nameOf(alert.fingerprint))) continue;
      // What this agent sees was lost with a wiped store. What others saw ended long ago, and nobody told this agent.
      if (isOwn(alert)) book.unsettle(alert.fingerprint);
      else book.dropSettled(alert);
    }
    this.#pulledAtMs = clock.monotonicMs();
    if (book.unsynced().length > 0) this.#wake.ring();
    this.#options.pulled();
  }

  /** Removes from the store what ended long ago. @throws {StoreUnavailableError} */
  async tidy(): Promise<void> {
    const { book, clock } = this.#options;
    const nowMs = clock.wallMs();
    for (const alert of book.old()) {
      await this.#remove(nameOf(alert.fingerprint));
      book.forget(alert);
    }
    const ended = this.#silences.filter(({ untilMs }) => nowMs - untilMs > KEPT_SILENCES_MS);
    for (const silence of ended) {
      await this.#remove(`${SILENCES}${silence.id}`);
      this.#silences = this.#silences.filter(({ id }) => id !== silence.id);
    }
  }

  /** Only what it was when it was last seen: what somebody else changed meanwhile stays. */
  async #remove(name: string): Promise<void> {
    const record = this.#known.get(name);
    if (record !== undefined) await this.#options.records.cas(name, record, null);
    this.#known.delete(name);
  }

  /** Writes a silence that was made or changed. @throws {StoreUnavailableError} {AlertContendedError} */
  async keepSilence(silence: Silence): Promise<void> {
    const { records } = this.#options;
    const name = `${SILENCES}${silence.id}`;
    let current = await records.read(name);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const result = await records.cas(name, current, JSON.stringify(silence));
      this.#remember(name, result.won ? result.record : result.current);
      if (result.won) {
        this.#silences = [...this.#silences.filter(({ id }) => id !== silence.id), silence];
        return;
      }
      current = result.current;
    }
    throw new AlertContendedError(silence.id);
  }

  /** A silence of an agent that shares no store. */
  keepOwnSilence(silence: Silence): void {
    this.#silences = [...this.#silences.filter(({ id }) => id !== silence.id), silence];
  }

  /** @returns undefined when nobody needs to know; 0: now. */
  #pullDueInMs(): number | undefined {
    // Once after the start: the fleet may believe that this agent still sees what it saw before.
    if (this.#pulledAtMs === undefined) return 0;
    const everyMs = this.#isPullDue ? SHORTEST_PULL_MS : this.#options.pullEveryMs();
    if (everyMs === undefined) return undefined;
    return Math.max(0, this.#pulledAtMs + everyMs - this.#options.clock.monotonicMs());
  }

  #remember(name: string, record: StoreRecord | null): void {
    if (record === null) this.#known.delete(name);
    else this.#known.set(name, record);
  }
}

function nameOf(fingerprint: string): string {
  const isPlain = fingerprint.length <= LONGEST_PLAIN_NAME && /^[\w:@.-]+$/.test(fingerprint);
  return ALERTS + (isPlain ? fingerprint : createHash("sha256").update(fingerprint).digest("hex"));
}

function decodeSilence(text: string): Silence | undefined {
  return decodeJson(silenceSchema, text);
}

function byUrgency(
  a: { readonly severity: "critical" | "warning" | "info" },
  b: { readonly severity: "critical" | "warning" | "info" },
): number {
  return rankOf(a.severity) - rankOf(b.severity);
}
