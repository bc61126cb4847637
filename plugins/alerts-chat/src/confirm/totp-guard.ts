/**
 * Accepts each one-time password once in the whole fleet: the last accepted step of a person is a shared record. Wrong ones are
 * bounded, by the agent that answers the chats: a password has six digits, and nobody may try them out.
 */
import type { Clock, SharedRecords } from "@jeju-oracle/kit";
import type { Principal } from "../people/people.ts";
import { matchingStep } from "../people/totp.ts";
import type { PressInput } from "./judge-press.ts";

const PREFIX = "chat/totp/";
const LOCKED_FOR_MS = 60_000;
const WRONG_PER_WINDOW = 5;

export class TotpGuard {
  readonly #records: SharedRecords;
  readonly #clock: Clock;
  /** Of each person, when they gave wrong passwords; as many persons as the operators file has. */
  readonly #wrongAtMs = new Map<string, readonly number[]>();

  constructor(records: SharedRecords, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  /** Judges a password, and uses it up when it is right. @throws {StoreUnavailableError} */
  async check(principal: Principal, password: string | undefined): Promise<PressInput["totp"]> {
    if (principal.totp === undefined) return "no-secret";
    if (password === undefined || password.trim() === "") return "missing";
    const nowMs = this.#clock.monotonicMs();
    const wrongAtMs = (this.#wrongAtMs.get(principal.id) ?? []).filter(
      (atMs) => nowMs - atMs < LOCKED_FOR_MS,
    );
    if (wrongAtMs.length >= WRONG_PER_WINDOW) return "locked";
    const step = matchingStep(principal.totp.reveal(), password, this.#clock.wallMs());
    if (step === undefined) {
      this.#wrongAtMs.set(principal.id, [...wrongAtMs, nowMs]);
      return "wrong";
    }
    const name = `${PREFIX}${principal.id}`;
    const record = await this.#records.read(name);
    if (record !== null && step <= lastStepIn(record.value)) return "reused";
    const next = JSON.stringify({ step, nonce: crypto.randomUUID() });
    const result = await this.#records.cas(name, record, next);
    // Somebody else used one in the same moment: this one cannot be told from it.
    return result.won ? "right" : "reused";
  }
}

/** What cannot be read counts as used up. */
function lastStepIn(value: string): number {
  const step: unknown = (JSON.parse(value) as { readonly step?: unknown }).step;
  return typeof step === "number" ? step : Number.POSITIVE_INFINITY;
}
