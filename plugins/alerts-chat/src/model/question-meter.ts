/**
 * How much a model is asked: per person one question at a time and ten a minute, and for all a few at a time and thirty a minute.
 * Nothing waits for its turn: whoever is over a limit is told so.
 */
import type { Clock } from "@jeju-oracle/kit";

const WINDOW_MS = 60_000;
const PER_PERSON = 10;
const FOR_ALL = 30;
/** Questions whose model has not returned yet, also those that nobody waits for any more: a call cannot be taken back. */
const MOST_OPEN = 3;

export type Admission =
  | {
      readonly kind: "admitted";
      /** The person has an answer. */
      readonly answered: () => void;
      /** The model has returned. */
      readonly returned: () => void;
    }
  | { readonly kind: "asking" | "too-often" | "busy" };

export class QuestionMeter {
  readonly #clock: Clock;
  readonly #asking = new Set<string>();
  /** Of the last window, oldest first: at most {@link FOR_ALL}. */
  #asked: { readonly who: string; readonly atMs: number }[] = [];
  #open = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a question of `who`, unless it is one too many. */
  admit(who: string): Admission {
    const nowMs = this.#clock.monotonicMs();
    this.#asked = this.#asked.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    if (this.#asking.has(who)) return { kind: "asking" };
    if (this.#asked.filter((question) => question.who === who).length >= PER_PERSON)
      return { kind: "too-often" };
    if (this.#asked.length >= FOR_ALL || this.#open >= MOST_OPEN) return { kind: "busy" };
    this.#asked.push({ who, atMs: nowMs });
    this.#asking.add(who);
    this.#open += 1;
    return {
      kind: "admitted",
      answered: () => void this.#asking.delete(who),
      returned: () => {
        this.#open -= 1;
      },
    };
  }
}
