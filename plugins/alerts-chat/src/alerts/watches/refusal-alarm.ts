/** Somebody tries again and again what they may not do: a person should know. */
import { type AlertSink, type Clock, sleep } from "@jeju-oracle/kit";

const WINDOW_MS = 600_000;
const TOO_OFTEN = 5;
/** Far above a team's size. */
const REMEMBERED = 200;
const LOOK_EVERY_MS = 30_000;

export class RefusalAlarm {
  readonly #alerts: AlertSink;
  readonly #clock: Clock;
  readonly #refusals = new Map<string, readonly number[]>();
  readonly #raised = new Set<string>();

  constructor(alerts: AlertSink, clock: Clock) {
    this.#alerts = alerts;
    this.#clock = clock;
  }

  refused(who: string, what: string): void {
    const nowMs = this.#clock.monotonicMs();
    const recent = [...(this.#refusals.get(who) ?? []), nowMs]
      .filter((atMs) => nowMs - atMs < WINDOW_MS)
      .slice(-TOO_OFTEN);
    this.#refusals.delete(who);
    this.#refusals.set(who, recent);
    const oldest = this.#refusals.keys().next().value;
    if (this.#refusals.size > REMEMBERED && oldest !== undefined) this.#refusals.delete(oldest);
    if (recent.length < TOO_OFTEN || this.#raised.has(who)) return;
    this.#raised.add(who);
    this.#alerts.raise({
      key: `refusals:${who}`,
      severity: "warning",
      summary: `${who} was refused ${TOO_OFTEN} times within ${WINDOW_MS / 60_000} minutes, last for /${what}`,
      nextStep: "Ask them; if it is not them, remove the account from the chat and from OPERATORS_FILE.",
    });
  }

  /** Ends alarms in their time until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.tick();
      await sleep(this.#clock, LOOK_EVERY_MS, signal);
    }
  }

  /** Ends alarms of those who have been quiet. */
  tick(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const who of this.#raised) {
      const last = this.#refusals.get(who)?.at(-1);
      if (last !== undefined && nowMs - last < WINDOW_MS) continue;
      this.#raised.delete(who);
      this.#alerts.clear(`refusals:${who}`);
    }
  }
}
