/** The desk of this agent: what people do with alerts goes to the store at once, or as soon as it answers. */
import { BaseError, type Clock, describeError, type Logger, scrubSecrets } from "@jeju-oracle/kit";
import { UsageError } from "../actions/usage-error.ts";
import type { Audit, AuditNote } from "../audit/audit-log.ts";
import { suggestions } from "../words/suggestions.ts";
import { type Alert, codeOf, isActive, type Observation } from "./alert.ts";
import type { AlertBook } from "./alert-book.ts";
import type { AlertDesk } from "./alert-desk.ts";
import { acknowledge } from "./episode.ts";
import { RULES, ruleOf } from "./rules/rules.ts";
import { isInForce, MAX_SILENCE_MS, type Silence, type SilenceWish } from "./silence.ts";
import { rankOf } from "./slots.ts";
import type { StoreSync } from "./store-sync.ts";

export interface FleetDeskOptions {
  readonly book: AlertBook;
  readonly sync: StoreSync;
  /** Whether there is a store that agents share. */
  readonly isShared: boolean;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly logger: Logger;
}

const USAGE = { usage: "/ack <code, rule or all>", example: "/ack a3f19c" };
const SILENCE_USAGE = {
  usage: "/silence <code, rule or @bot> [1h]",
  example: "/silence OracleHighGasPrice 2h",
};

class TooManyAlertsError extends BaseError {
  constructor(dropped: number) {
    super(`${dropped} alerts found no room among those that hold`, {
      code: "too-many-alerts",
      retryable: true,
      nextStep: "See /alerts: an outside system reports thousands; silence or mend it there.",
    });
  }
}

export class FleetDesk implements AlertDesk {
  readonly #options: FleetDeskOptions;

  constructor(options: FleetDeskOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly Alert[]> {
    await this.#refresh();
    return this.#options.book.all().toSorted(byUrgency);
  }

  acknowledge(what: string, by: string): Promise<readonly Alert[]> {
    return this.#setCare(what, by, by);
  }

  unacknowledge(what: string, by: string): Promise<readonly Alert[]> {
    return this.#setCare(what, by, undefined);
  }

  async silence({ what, durationMs, by, reason }: SilenceWish): Promise<Silence> {
    if (durationMs > MAX_SILENCE_MS)
      throw new UsageError("a silence lasts a day at most: what is forgotten must come back", SILENCE_USAGE);
    await this.#refresh();
    const { clock } = this.#options;
    const nowMs = clock.wallMs();
    const silence: Silence = {
      id: codeOf(crypto.randomUUID()),
      nonce: crypto.randomUUID(),
      matches: this.#silenceTarget(what),
      by,
      reason: scrubSecrets(reason),
      sinceMs: nowMs,
      untilMs: nowMs + durationMs,
    };
    this.#note({
      who: by,
      what: "silenced",
      detail: `${silence.matches} for ${Math.round(durationMs / 60_000)} min: ${reason}`,
    });
    await this.#keep(silence);
    return silence;
  }

  async unsilence(id: string, by: string): Promise<Silence> {
    const found = (await this.silences()).find((silence) => silence.id === id || silence.matches === id);
    if (found === undefined)
      throw new UsageError(`no silence ${id} is in force`, {
        usage: "/unsilence <id>",
        example: "/unsilence a3f19c",
      });
    const ended = { ...found, untilMs: this.#options.clock.wallMs(), nonce: crypto.randomUUID() };
    this.#note({ who: by, what: "unsilenced", detail: found.matches });
    await this.#keep(ended);
    return ended;
  }

  async silences(): Promise<readonly Silence[]> {
    await this.#refresh();
    const nowMs = this.#options.clock.wallMs();
    return this.#options.sync.silences
      .filter((silence) => isInForce(silence, nowMs))
      .toSorted((a, b) => a.untilMs - b.untilMs);
  }

  async observe(observations: readonly Observation[]): Promise<void> {
    const { book } = this.#options;
    // It goes to the store and to disk as well, where no channel's scrubbing reaches.
    for (const seen of observations)
      book.take({ ...seen, summary: scrubSecrets(seen.summary), nextStep: scrubSecrets(seen.nextStep) });
    book.flush();
    // What holds and is not there now found no room: whoever reported it must try again.
    const dropped = observations.filter(
      ({ fingerprint, holds }) => holds && book.find(fingerprint) === undefined,
    );
    if (dropped.length > 0) throw new TooManyAlertsError(dropped.length);
  }

  async #setCare(what: string, by: string, care: string | undefined): Promise<readonly Alert[]> {
    await this.#refresh();
    const { book, clock } = this.#options;
    const named = this.#named(what);
    this.#note({
      who: by,
      what: care === undefined ? "unacknowledged" : "acknowledged",
      detail: named
        .map(({ fingerprint }) => fingerprint)
        .join(", ")
        .slice(0, 500),
    });
    const changed = named.flatMap(({ fingerprint }) => {
      return (
        book.change(fingerprint, (alert) => acknowledge(alert, care, clock.wallMs(), crypto.randomUUID())) ??
        []
      );
    });
    await Promise.all(changed.map(({ fingerprint }) => this.#share(fingerprint)));
    return changed;
  }

  /** Every alert that holds and is called so. */
  #named(what: string): readonly Alert[] {
    const active = this.#options.book.all().filter(isActive);
    const word = what.trim().replace(/^#/, "").toLowerCase();
    const named = active.filter(({ fingerprint, rule }) => {
      const names = [codeOf(fingerprint), fingerprint, rule, ruleOf(rule).name];
      return word === "all" || names.some((name) => name.toLowerCase() === word);
    });
    if (named.length > 0) return named;
    if (active.length === 0) throw new UsageError("no alert holds now", USAGE);
    const near = suggestions(word, [...active.map(({ fingerprint }) => codeOf(fingerprint))]);
    const hint = near.length === 0 ? "/alerts lists them" : `did you mean ${near.join(", ")}?`;
    throw new UsageError(`no alert that holds is called ${what.slice(0, 40)}; ${hint}`, USAGE);
  }

  #silenceTarget(what: string): string {
    const word = what.trim().replace(/^#/, "");
    if (/^@[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(word)) return word;
    const rule = RULES.find(({ id, name }) => [id, name.toLowerCase()].includes(word.toLowerCase()));
    if (rule !== undefined) return rule.id;
    const alert = this.#options.book
      .all()
      .find(({ fingerprint }) => fingerprint === word || codeOf(fingerprint) === word.toLowerCase());
    if (alert !== undefined) return alert.fingerprint;
    const near = suggestions(
      word,
      RULES.map(({ name }) => name),
    );
    const hint = near.length === 0 ? "/alerts lists them" : `did you mean ${near.join(", ")}?`;
    throw new UsageError(`no alert or rule is called ${word.slice(0, 40)}; ${hint}`, SILENCE_USAGE);
  }

  /** It changes nothing but who is told: a full disk must not keep a person from taking care. */
  #note(note: AuditNote): void {
    const { audit, logger } = this.#options;
    try {
      audit.write(note);
    } catch (error) {
      if (!(error instanceof BaseError)) throw error;
      logger.error("What was done with an alert stands in no audit", {
        ...note,
        error: describeError(error),
      });
    }
  }

  async #keep(silence: Silence): Promise<void> {
    const { sync, isShared } = this.#options;
    if (isShared) await sync.keepSilence(silence);
    else sync.keepOwnSilence(silence);
  }

  async #refresh(): Promise<void> {
    const { sync, isShared, logger } = this.#options;
    if (!isShared) return;
    try {
      await sync.pull();
    } catch (error) {
      logger.debug("Alerts are shown as last known", { error: describeError(error) });
    }
  }

  /** Care counts here at once; without the store the others hear of it later. */
  async #share(fingerprint: string): Promise<void> {
    const { sync, isShared, logger } = this.#options;
    if (!isShared) return;
    try {
      await sync.write(fingerprint);
    } catch (error) {
      if (!(error instanceof BaseError)) throw error;
      logger.warn("An acknowledgement reaches the fleet when the store answers", { fingerprint });
      sync.ring();
    }
  }
}

/** What holds before what is over, the worst first, then the latest. */
function byUrgency(a: Alert, b: Alert): number {
  if (isActive(a) !== isActive(b)) return isActive(a) ? -1 : 1;
  return (isActive(a) ? rankOf(a.severity) - rankOf(b.severity) : 0) || b.startedAtMs - a.startedAtMs;
}
