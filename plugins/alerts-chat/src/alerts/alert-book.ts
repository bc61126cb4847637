/**
 * The alerts that this agent knows. Whatever changes one goes through here: to memory at once, to the ledger in the same turn of the
 * event loop or the next, and to the store as soon as it answers. Two copies are merged, so neither disk nor store ever takes back what
 * the other knows.
 */
import { type Clock, describeError, type Logger } from "@jeju-oracle/kit";
import { MAX_ACTIVE_CONDITIONS } from "./active-conditions.ts";
import { type Alert, isActive, type Observation } from "./alert.ts";
import { observe } from "./episode.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";
import { graft, merge, saySame } from "./merge.ts";
import { EXTERNAL } from "./rules/rules.ts";

export interface AlertBookOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something changed that couriers and the store should look at. */
  readonly changed: () => void;
  /** The ledger cannot be written (undefined: it can again). */
  readonly unwritable: (problem: { readonly message: string; readonly nextStep: string } | undefined) => void;
}

/** Alerts that ended are known for a day. */
const KEPT_ENDED_MS = 86_400_000;
/** Above what a fleet in ruins raises; a bound against an outside system that goes wild. */
const MAX_ALERTS = 5_000;
/** What the fleet itself sees has room beside them. */
const MAX_WITH_OWN = MAX_ALERTS + MAX_ACTIVE_CONDITIONS;
const SAVE_AGAIN_MS = 5_000;

export class AlertBook {
  readonly #options: AlertBookOptions;
  readonly #alerts = new Map<string, Alert>();
  readonly #dirty = new Set<string>();
  /** Whose episode began here and was not brought together with the store yet. */
  readonly #new = new Set<string>();
  /** To be written to the ledger. */
  readonly #unsaved = new Set<string>();
  #cancelSave: (() => void) | undefined;
  #isSaid = false;
  #isLoaded = false;

  constructor(options: AlertBookOptions) {
    this.#options = options;
    try {
      this.#load();
    } catch (error) {
      this.#failed(error);
    }
  }

  all(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  find(fingerprint: string): Alert | undefined {
    return this.#alerts.get(fingerprint);
  }

  /** What the store may not know as it stands here, the worst first. */
  unsynced(): readonly Alert[] {
    return [...this.#dirty].flatMap((fingerprint) => this.#alerts.get(fingerprint) ?? []);
  }

  isUnsynced(fingerprint: string): boolean {
    return this.#dirty.has(fingerprint);
  }

  /** Takes a report. Never throws, never waits. @returns whether it changed anything. */
  take(seen: Observation): boolean {
    const { clock, logger } = this.#options;
    const before = this.#alerts.get(seen.fingerprint);
    const most = seen.rule === EXTERNAL.id ? MAX_ALERTS : MAX_WITH_OWN;
    if (before === undefined && seen.holds && this.#alerts.size >= most && !this.#makeRoom()) {
      logger.error("An alert was not recorded, too many others hold", { summary: seen.summary });
      return false;
    }
    const next = observe(before, seen, clock.wallMs(), crypto.randomUUID());
    if (next === undefined || next === before) return false;
    if (next.episode !== before?.episode) this.#new.add(next.fingerprint);
    this.#put(next, true);
    return true;
  }

  /** Changes an alert that is known. @returns the changed one, undefined when it is gone. */
  change(fingerprint: string, how: (alert: Alert) => Alert): Alert | undefined {
    const before = this.#alerts.get(fingerprint);
    if (before === undefined) return undefined;
    const next = how(before);
    if (next !== before) this.#put(next, true);
    return next;
  }

  /** Takes what the store holds. @returns the two merged, and whether that says more than the store. */
  learn(stored: Alert): { readonly alert: Alert; readonly isAhead: boolean } {
    const own = this.#alerts.get(stored.fingerprint);
    const merged = own === undefined ? stored : this.#joined(own, stored);
    const isAhead = !saySame(merged, stored);
    // An older one says nothing of what another agent may have begun after it.
    if (own === undefined || stored.episode >= own.episode) this.#new.delete(stored.fingerprint);
    if (own === undefined || !saySame(merged, own)) this.#put(merged, isAhead);
    else if (isAhead) this.unsettle(stored.fingerprint);
    else this.settled(merged);
    return { alert: merged, isAhead };
  }

  /** The store holds exactly this. */
  settled(alert: Alert): void {
    const own = this.#alerts.get(alert.fingerprint);
    if (own === undefined) return;
    if (own.episode === alert.episode) this.#new.delete(alert.fingerprint);
    if (!saySame(own, alert)) return;
    if (!this.#dirty.delete(alert.fingerprint)) return;
    this.#unsaved.add(alert.fingerprint);
    this.#saveSoon();
  }

  /** The store does not have it (any more): it is written again. */
  unsettle(fingerprint: string): void {
    if (this.#alerts.has(fingerprint)) this.#dirty.add(fingerprint);
  }

  /** Forgets an alert of others, unless something about it is not shared yet. */
  dropSettled(alert: Alert): void {
    if (!this.#dirty.has(alert.fingerprint)) this.forget(alert);
  }

  /** What ended so long ago that it need not be known any more. */
  old(): readonly Alert[] {
    const nowMs = this.#options.clock.wallMs();
    return this.all().filter(
      ({ resolvedAtMs }) => resolvedAtMs !== undefined && nowMs - resolvedAtMs > KEPT_ENDED_MS,
    );
  }

  forget({ fingerprint }: Alert): void {
    this.#alerts.delete(fingerprint);
    this.#dirty.delete(fingerprint);
    this.#new.delete(fingerprint);
    this.#unsaved.add(fingerprint);
    this.#saveSoon();
  }

  /** Writes to disk what is not there yet. @throws {LedgerError} and tries again by itself. */
  flush(): void {
    try {
      this.#save();
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  close(): void {
    this.#trySave();
    this.#cancelSave?.();
    this.#options.ledger.close();
  }

  #put(alert: Alert, dirty: boolean): void {
    this.#alerts.set(alert.fingerprint, alert);
    if (dirty) this.#dirty.add(alert.fingerprint);
    else this.#dirty.delete(alert.fingerprint);
    this.#unsaved.add(alert.fingerprint);
    this.#saveSoon();
    this.#options.changed();
  }

  /** Whoever raises must not wait for a disk. */
  #saveSoon(delayMs = 0): void {
    this.#cancelSave ??= this.#options.clock.setTimer(delayMs, () => {
      this.#cancelSave = undefined;
      this.#trySave();
    });
  }

  #trySave(): void {
    try {
      this.#save();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @throws {LedgerError} */
  #save(): void {
    this.#cancelSave?.();
    this.#cancelSave = undefined;
    if (!this.#isLoaded) {
      this.#load();
      this.#options.changed();
    }
    if (this.#unsaved.size > 0) {
      const entries: LedgerEntry[] = [];
      const forgotten: string[] = [];
      for (const fingerprint of this.#unsaved) {
        const alert = this.#alerts.get(fingerprint);
        if (alert === undefined) forgotten.push(fingerprint);
        else
          entries.push({
            alert,
            dirty: this.#dirty.has(fingerprint),
            isNew: this.#new.has(fingerprint),
          });
      }
      this.#options.ledger.save(entries, forgotten);
      this.#unsaved.clear();
    }
    if (!this.#isSaid) return;
    this.#isSaid = false;
    this.#options.unwritable(undefined);
  }

  /** What the run before left; once, as soon as the disk gives it. @throws {LedgerError} */
  #load(): void {
    if (this.#isLoaded) return;
    const entries = this.#options.ledger.load();
    this.#isLoaded = true;
    for (const { alert, dirty, isNew } of entries) {
      const { fingerprint } = alert;
      const own = this.#alerts.get(fingerprint);
      this.#alerts.set(fingerprint, own === undefined ? alert : this.#joined(own, alert));
      if (dirty) this.#dirty.add(fingerprint);
      if (isNew) this.#new.add(fingerprint);
    }
  }

  /** An episode that began here knows nothing of one that began elsewhere under the same number. */
  #joined(own: Alert, other: Alert): Alert {
    const isStrange = this.#new.has(own.fingerprint) && other.episode >= own.episode;
    return isStrange ? graft(other, own) : merge(own, other);
  }

  #failed(error: unknown): void {
    if (!this.#isSaid) {
      this.#isSaid = true;
      this.#options.logger.error("Alerts cannot be kept on disk", { error: describeError(error) });
      this.#options.unwritable({
        message: describeError(error),
        nextStep: "Free space or make STATE_DIR writable.",
      });
    }
    if (this.#unsaved.size > 0 || !this.#isLoaded) this.#saveSoon(SAVE_AGAIN_MS);
  }

  /** The oldest that ended makes room for one that holds. */
  #makeRoom(): boolean {
    const ended = this.all().filter((alert) => !isActive(alert));
    const oldest = ended.toSorted((a, b) => (a.resolvedAtMs ?? 0) - (b.resolvedAtMs ?? 0))[0];
    if (oldest !== undefined) this.forget(oldest);
    return oldest !== undefined;
  }
}
