/**
 * What the parts of this agent report becomes alerts. After a restart an alert that nobody reports again is over: the parts look at
 * everything within a minute, and what they do not see does not hold.
 */
import type { AlertCondition, AlertSink, Clock } from "@jeju-oracle/kit";
import { fingerprintOf, isActive, type Observation } from "./alert.ts";
import type { AlertBook } from "./alert-book.ts";
import { endRaiser } from "./episode.ts";
import { ruleOf } from "./rules/rules.ts";

/** Several price polls and fleet reports: each part has looked at everything by then. */
const RECONFIRM_MS = 90_000;

export class AlertIntake implements AlertSink {
  readonly #book: AlertBook;
  readonly #botId: string;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  /** What the run before saw and this one has not yet. */
  readonly #unconfirmed: Set<string>;

  constructor(book: AlertBook, botId: string, clock: Clock) {
    this.#book = book;
    this.#botId = botId;
    this.#clock = clock;
    this.#startedAtMs = clock.monotonicMs();
    const seenBefore = book
      .all()
      .filter(
        (alert) => isActive(alert) && alert.raisers[botId]?.endedAtMs === undefined && botId in alert.raisers,
      );
    this.#unconfirmed = new Set(seenBefore.map(({ fingerprint }) => fingerprint));
  }

  raise({ key, severity, summary, nextStep }: AlertCondition): void {
    const rule = ruleOf(key);
    const botId = rule.scope === "bot" ? this.#botId : undefined;
    const fingerprint = fingerprintOf(key, botId);
    this.#unconfirmed.delete(fingerprint);
    this.#book.take({
      fingerprint,
      rule: rule.id,
      botId,
      severity,
      summary,
      nextStep,
      runbook: rule.runbook,
      raiser: this.#botId,
      holds: true,
    } satisfies Observation);
  }

  clear(key: string): void {
    const botId = ruleOf(key).scope === "bot" ? this.#botId : undefined;
    this.#end(fingerprintOf(key, botId));
  }

  tick(): void {
    if (this.#unconfirmed.size === 0 || this.#clock.monotonicMs() - this.#startedAtMs < RECONFIRM_MS) return;
    for (const fingerprint of this.#unconfirmed) this.#end(fingerprint);
    this.#unconfirmed.clear();
  }

  #end(fingerprint: string): void {
    this.#unconfirmed.delete(fingerprint);
    this.#book.change(fingerprint, (alert) =>
      endRaiser(alert, this.#botId, this.#clock.wallMs(), crypto.randomUUID()),
    );
  }
}
