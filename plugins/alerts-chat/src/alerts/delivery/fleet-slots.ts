/**
 * Slots in the alert's record: for channels that every agent could tell. With the store up one agent tells, the holder of the chat lease,
 * and it notes in the store what it begins before it begins; without the store each agent tells what it saw itself, and says so. A store
 * that answers and yet lets nobody tell, because it takes no write or gives no listing, holds an alert up for a time that has an end.
 */
import {
  type Clock,
  describeError,
  type FleetMember,
  type Leadership,
  type Logger,
  type SharedRecords,
} from "@jeju-oracle/kit";
import type { Alert, Slot } from "../alert.ts";
import type { AlertBook } from "../alert-book.ts";
import { tell } from "../episode.ts";
import type { NoticeEntry } from "../pipeline/notice.ts";
import type { Silence } from "../silence.ts";
import type { StoreSync } from "../store-sync.ts";
import type { SlotKeeper, Standing } from "./slot-keeper.ts";

export interface FleetSlotsOptions {
  readonly botId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly book: AlertBook;
  readonly records: SharedRecords;
  readonly sync: StoreSync;
  readonly chatLease: { holds(): boolean; holderId(): string | undefined };
  readonly members: () => readonly FleetMember[];
  readonly leadership: () => ReturnType<Leadership["leadershipStatus"]> | undefined;
}

/** A store that is away for longer is not waited for: an alert is worth a second copy. */
const ALONE_AFTER_MS = 10_000;
/** When nobody holds the chat lease for longer, the leader tells in its place. */
const STAND_IN_AFTER_MS = 30_000;
/** When nobody leads either, as with a store that takes no write: each tells what it sees itself. */
const NOBODY_AFTER_MS = 60_000;
/** A listing that does not come for longer is not waited for: what was told still stands in each record that is written. */
const UNLISTED_AFTER_MS = 120_000;
/** What cannot be noted for longer is told without: by then a store that is away has shown itself as away, and the lease has moved. */
const UNNOTED_AFTER_MS = 60_000;

export class FleetSlots implements SlotKeeper {
  readonly #options: FleetSlotsOptions;
  #reachableAtMs: number;
  #heldAtMs: number;
  /** Since when this agent may tell; undefined while it may not. */
  #mayTellSinceMs: number | undefined;
  /** Since when nothing that begins could be noted. */
  #unnotedSinceMs: number | undefined;

  constructor(options: FleetSlotsOptions) {
    this.#options = options;
    this.#reachableAtMs = options.clock.monotonicMs();
    this.#heldAtMs = this.#reachableAtMs;
  }

  alerts(): readonly Alert[] {
    return this.#options.book.all();
  }

  silences(): readonly Silence[] {
    return this.#options.sync.silences;
  }

  /** Whether this agent is the one that tells, as far as the store says. */
  isTeller(): boolean {
    const { chatLease, leadership, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    if (chatLease.holds()) {
      this.#heldAtMs = nowMs;
      return true;
    }
    if (this.#isHeldByAnother()) this.#heldAtMs = nowMs;
    return nowMs - this.#heldAtMs >= STAND_IN_AFTER_MS && leadership()?.role === "leader";
  }

  standing(): Standing {
    const { records, clock, botId, sync } = this.#options;
    if (!records.available) return { may: true, aloneAs: undefined };
    const nowMs = clock.monotonicMs();
    if (records.reachable()) this.#reachableAtMs = nowMs;
    const isTeller = this.isTeller();
    if (nowMs - this.#reachableAtMs >= ALONE_AFTER_MS || this.#isNobodyTelling(nowMs)) {
      // What the others told meanwhile must be known before this agent speaks for the fleet again.
      this.#mayTellSinceMs = undefined;
      return { may: true, aloneAs: botId };
    }
    if (!isTeller) {
      this.#mayTellSinceMs = undefined;
      return { may: false };
    }
    this.#mayTellSinceMs ??= nowMs;
    // What the agent before told must be known first.
    if ((sync.pulledAtMs ?? -1) < this.#mayTellSinceMs) {
      sync.hint();
      if (nowMs - this.#mayTellSinceMs < UNLISTED_AFTER_MS) return { may: false };
    }
    return { may: true, aloneAs: undefined };
  }

  async begin(entries: readonly NoticeEntry[], slot: Slot): Promise<boolean> {
    const { book } = this.#options;
    for (const { alert, slot: key } of entries)
      book.change(alert.fingerprint, (now) => tell(now, alert.episode, key, slot, crypto.randomUUID()));
    if (this.#isShared()) await this.#note(entries);
    return entries.every(({ alert, slot: key }) => {
      const now = book.find(alert.fingerprint);
      return now?.episode === alert.episode && now.slots[key]?.state !== "sent";
    });
  }

  async done(entries: readonly NoticeEntry[], slotOf: (entry: NoticeEntry) => Slot): Promise<void> {
    const { book, sync, logger } = this.#options;
    for (const entry of entries) {
      const { alert, slot } = entry;
      book.change(alert.fingerprint, (now) =>
        tell(now, alert.episode, slot, slotOf(entry), crypto.randomUUID()),
      );
    }
    if (!this.#isShared()) return;
    try {
      // Before anything else is told: what this agent tells and dies is told twice by the next.
      await this.#writeAll(entries);
    } catch (error) {
      logger.debug("What was told could not be noted in the store yet", { error: describeError(error) });
      sync.ring();
    }
  }

  #isShared(): boolean {
    const standing = this.standing();
    return this.#options.records.available && !(standing.may && standing.aloneAs !== undefined);
  }

  /** A record that the store does not take must not keep what it tells of from people, nor all that waits behind it. */
  async #note(entries: readonly NoticeEntry[]): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      await this.#writeAll(entries);
      this.#unnotedSinceMs = undefined;
    } catch (error) {
      const nowMs = clock.monotonicMs();
      this.#unnotedSinceMs ??= nowMs;
      if (nowMs - this.#unnotedSinceMs < UNNOTED_AFTER_MS) throw error;
      logger.warn("An alert is told without a note in the store", { error: describeError(error) });
    }
  }

  #isNobodyTelling(nowMs: number): boolean {
    return nowMs - this.#heldAtMs >= NOBODY_AFTER_MS && this.#options.leadership()?.leaderId === undefined;
  }

  async #writeAll(entries: readonly NoticeEntry[]): Promise<void> {
    await Promise.all(entries.map(({ alert }) => this.#options.sync.write(alert.fingerprint)));
  }

  #isHeldByAnother(): boolean {
    const { chatLease, members, botId } = this.#options;
    const holder = chatLease.holderId();
    return (
      holder !== undefined &&
      holder !== botId &&
      members().some((each) => each.botId === holder && each.alive)
    );
  }
}
