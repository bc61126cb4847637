/**
 * Which updates are in hand, and where to go on. The offset never passes an update that is not handled: asking the Bot API for a
 * later one would confirm it (https://core.telegram.org/bots/api#getupdates), and a crash would lose it. Pure.
 */
export interface Numbered {
  readonly update_id: number;
}

/** More than one answer can hold, so that whatever may come again is known. */
const REMEMBERED = 1_000;

export class Inbox {
  /** First update that is not confirmed; undefined: whatever the API still has. */
  #next: number | undefined;
  readonly #open = new Set<number>();
  readonly #seen = new Set<number>();

  /** Goes on at `offset`, as another agent or an earlier run left it. */
  resumeAt(offset: number | undefined): void {
    this.#open.clear();
    this.#next = offset;
  }

  /** Those of `updates` that are new, in their order; they are in hand until {@link settle} or {@link putBack}. */
  take<Item extends Numbered>(updates: readonly Item[]): readonly Item[] {
    const fresh = updates.filter(({ update_id }) => !this.#seen.has(update_id));
    for (const { update_id } of fresh) {
      this.#open.add(update_id);
      this.#remember(update_id);
    }
    // The last answer counts, not the highest number: after a quiet week numbers start anywhere.
    if (updates.length > 0) this.#next = Math.max(...updates.map(({ update_id }) => update_id)) + 1;
    return fresh;
  }

  /** It is handled, or given up. */
  settle(updateId: number): void {
    this.#open.delete(updateId);
  }

  /** It was not handled and has to come again, here or at another agent. */
  putBack(updateId: number): void {
    if (!this.#open.has(updateId)) return;
    this.#open.delete(updateId);
    this.#seen.delete(updateId);
    this.#next = Math.min(this.#next ?? updateId, updateId);
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Everything before it is handled. */
  get offset(): number | undefined {
    if (this.#open.size === 0) return this.#next;
    return Math.min(...this.#open, this.#next ?? Number.POSITIVE_INFINITY);
  }

  #remember(updateId: number): void {
    this.#seen.add(updateId);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= REMEMBERED) return;
      this.#seen.delete(oldest);
    }
  }
}
