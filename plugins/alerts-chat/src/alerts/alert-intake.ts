/**
 * What the parts of this agent report becomes alerts. They report a condition when it begins, changes or ends; so what holds is kept here,
 * and a record that says otherwise (somebody took this agent for dead, another episode began elsewhere) is put right. After a restart an
 * alert that nobody reports again is over: the parts look at everything within a minute, and what they do not see does not hold.
 */
import { type AlertCondition, type AlertSink, type Clock, scrubSecrets } from "@jeju-oracle/kit";
import { MAX_ACTIVE_CONDITIONS } from "./active-conditions.ts";
import { type Alert, fingerprintOf, isActive, type Observation } from "./alert.ts";
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
  /** What this run reports, by fingerprint. */
  readonly #holding = new Map<string, Observation>();

  constructor(book: AlertBook, botId: string, clock: Clock) {
    this.#book = book;
    this.#botId = botId;
    this.#clock = clock;
    this.#startedAtMs = clock.monotonicMs();
  }

  raise({ key, severity, summary, nextStep }: AlertCondition): void {
    const rule = ruleOf(key);
    const botId = rule.scope === "bot" ? this.#botId : undefined;
    const fingerprint = fingerprintOf(key, botId);
    const seen: Observation = {
      fingerprint,
      rule: rule.id,
      botId,
      severity,
      // It goes to the store and to disk as well, where no channel's scrubbing reaches.
      summary: scrubSecrets(summary),
      nextStep: scrubSecrets(nextStep),
      runbook: rule.runbook,
      raiser: this.#botId,
      holds: true,
    };
    const isKept = this.#holding.has(fingerprint) || this.#holding.size < MAX_ACTIVE_CONDITIONS;
    if (rule.kind === "condition" && isKept) this.#holding.set(fingerprint, seen);
    this.#book.take(seen);
  }

  clear(key: string): void {
    const botId = ruleOf(key).scope === "bot" ? this.#botId : undefined;
    const fingerprint = fingerprintOf(key, botId);
    this.#holding.delete(fingerprint);
    this.#end(fingerprint);
  }

  tick(): void {
    for (const [fingerprint, seen] of this.#holding)
      if (!this.#isSeenHere(this.#book.find(fingerprint))) this.#book.take(seen);
    if (this.#clock.monotonicMs() - this.#startedAtMs < RECONFIRM_MS) return;
    for (const alert of this.#book.all().filter(isActive))
      if (this.#isSeenHere(alert) && !this.#holding.has(alert.fingerprint)) this.#end(alert.fingerprint);
  }

  #isSeenHere(alert: Alert | undefined): boolean {
    const own = alert?.raisers[this.#botId];
    return own !== undefined && own.endedAtMs === undefined;
  }

  #end(fingerprint: string): void {
    this.#book.change(fingerprint, (alert) =>
      endRaiser(alert, this.#botId, this.#clock.wallMs(), crypto.randomUUID()),
    );
  }
}
