/** What commands, buttons, the webhook and reports do with alerts. */
import type { Alert, Observation } from "./alert.ts";
import type { Silence, SilenceWish } from "./silence.ts";

export interface AlertDesk {
  /** Alerts of the fleet: those that hold, the most urgent first, then those that ended lately. From the store where it answers. */
  list(): Promise<readonly Alert[]>;
  /** @param what code, fingerprint or rule. @throws {UsageError} for what names no alert that holds. */
  acknowledge(what: string, by: string): Promise<readonly Alert[]>;
  /** @throws {UsageError} as {@link acknowledge}. */
  unacknowledge(what: string, by: string): Promise<readonly Alert[]>;
  /** @throws {UsageError} for what no alert or rule is called. {StoreUnavailableError} */
  silence(wish: SilenceWish): Promise<Silence>;
  /** @returns what was ended. @throws {UsageError} for an id that is not in force. {StoreUnavailableError} */
  unsilence(id: string, by: string): Promise<Silence>;
  /** In force now, the first to end first. @throws {StoreUnavailableError} */
  silences(): Promise<readonly Silence[]>;
  /** Takes what an outside system reports; resolves when it is on disk. @throws {LedgerError} */
  observe(observations: readonly Observation[]): Promise<void>;
}
