/** Work in order within a chat, side by side between chats. Its caller bounds how much is queued (poll-loop.ts: one answer of the API). */
export class ChatQueues {
  readonly #tails = new Map<string, Promise<void>>();
  #waiting: (() => void)[] = [];

  /** Runs `work`, which must not reject, after everything that `chat` has queued. */
  add(chat: string, work: () => Promise<void>): void {
    const tail = (this.#tails.get(chat) ?? Promise.resolve()).then(work).finally(() => {
      if (this.#tails.get(chat) === tail) this.#tails.delete(chat);
      if (this.#tails.size > 0) return;
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
    this.#tails.set(chat, tail);
  }

  /** Resolves when nothing is queued. */
  idle(): Promise<void> {
    if (this.#tails.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
