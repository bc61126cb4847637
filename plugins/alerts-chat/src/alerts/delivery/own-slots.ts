/** Slots in memory: for this agent's console, which shows everything that the agent knows and is nobody else's business. */
import type { Alert, Slot } from "../alert.ts";
import { tell } from "../episode.ts";
import type { NoticeEntry } from "../pipeline/notice.ts";
import type { Silence } from "../silence.ts";
import type { SlotKeeper, Standing } from "./slot-keeper.ts";

export class OwnSlots implements SlotKeeper {
  readonly #alerts: () => readonly Alert[];
  readonly #silences: () => readonly Silence[];
  readonly #since: number;
  readonly #slots = new Map<string, { readonly episode: number; readonly slots: Alert["slots"] }>();

  /** @param sinceMs wall time; what ended before is not told. */
  constructor(alerts: () => readonly Alert[], silences: () => readonly Silence[], sinceMs: number) {
    this.#alerts = alerts;
    this.#silences = silences;
    this.#since = sinceMs;
  }

  alerts(): readonly Alert[] {
    const all = this.#alerts();
    const known = new Set(all.map(({ fingerprint }) => fingerprint));
    for (const fingerprint of this.#slots.keys())
      if (!known.has(fingerprint)) this.#slots.delete(fingerprint);
    return all
      .filter(({ resolvedAtMs }) => resolvedAtMs === undefined || resolvedAtMs >= this.#since)
      .map((alert) => this.#withOwn(alert));
  }

  silences(): readonly Silence[] {
    return this.#silences();
  }

  standing(): Standing {
    return { may: true, aloneAs: undefined };
  }

  async begin(): Promise<boolean> {
    return true;
  }

  async done(entries: readonly NoticeEntry[], slotOf: (entry: NoticeEntry) => Slot): Promise<void> {
    for (const entry of entries) {
      const { alert, slot } = entry;
      const told = tell(this.#withOwn(alert), alert.episode, slot, slotOf(entry), alert.nonce);
      this.#slots.set(alert.fingerprint, { episode: alert.episode, slots: told.slots });
    }
  }

  /** A new episode is told anew; what was shown of the old one stays as it is. */
  #withOwn(alert: Alert): Alert {
    const own = this.#slots.get(alert.fingerprint);
    return { ...alert, slots: own?.episode === alert.episode ? own.slots : {} };
  }
}
