/** What the console has shown or will show: the last messages as they stand now, and whether a person has seen them. Pure. */
import type { OutboundMessage } from "../../conversation/outbound.ts";

export interface LoggedMessage {
  readonly messageId: string;
  readonly message: OutboundMessage;
}

interface Entry {
  readonly messageId: string;
  message: OutboundMessage;
  isSeen: boolean;
}

export class MessageLog {
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Keeps a message; beyond the capacity the oldest one is forgotten. */
  add(messageId: string, message: OutboundMessage, isSeen: boolean): void {
    this.#entries.set(messageId, { messageId, message, isSeen });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#capacity && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** @returns false when the message is not known (any more). */
  replace(messageId: string, message: OutboundMessage, isSeen: boolean): boolean {
    const entry = this.#entries.get(messageId);
    if (entry === undefined) return false;
    entry.message = message;
    entry.isSeen = isSeen;
    return true;
  }

  /** What a person who comes is shown, oldest first: the unseen, and cards that can still be pressed. They count as seen. */
  takeBacklog(): readonly LoggedMessage[] {
    const due = [...this.#entries.values()].filter(
      ({ isSeen, message }) => !isSeen || (message.buttons ?? []).flat().length > 0,
    );
    for (const entry of due) entry.isSeen = true;
    return due.map(({ messageId, message }) => ({ messageId, message }));
  }
}
