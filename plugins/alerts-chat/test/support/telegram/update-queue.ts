/** Updates that wait for the bot: https://core.telegram.org/bots/api#getupdates. Asking for a later one forgets the earlier. */
import { integer, nested, type Parameters } from "./parameters.ts";
import { badRequest, Refusal } from "./refusal.ts";

export type UpdateKind = "message" | "edited_message" | "callback_query";
export type Update = { readonly update_id: number } & { readonly [kind in UpdateKind]?: unknown };

const MAX_UPDATES = 100;
const CONFLICT =
  "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";

export class UpdateQueue {
  nextId = 900_001;
  #updates: Update[] = [];
  #allowed: readonly string[] = [];
  #poll: { readonly wake: () => void; readonly end: (why: Error) => void } | undefined;

  /** Updates that no request has confirmed. */
  get pending(): readonly Update[] {
    return this.#updates;
  }

  /** Whether a long poll waits. */
  get isPolled(): boolean {
    return this.#poll !== undefined;
  }

  add(kind: UpdateKind, content: unknown): Update {
    const update = { update_id: this.nextId++, [kind]: content };
    this.#updates.push(update);
    this.#poll?.wake();
    return update;
  }

  /** One getUpdates request; a second one at the same time ends the first. */
  async get(parameters: Parameters, gone: AbortSignal): Promise<readonly Update[]> {
    const offset = integer(parameters, "offset") ?? 0;
    const limit = Math.min(integer(parameters, "limit") ?? MAX_UPDATES, MAX_UPDATES);
    const timeoutS = integer(parameters, "timeout") ?? 0;
    const allowed = nested(parameters, "allowed_updates");
    if (allowed !== undefined && !Array.isArray(allowed)) throw badRequest("can't parse allowed_updates");
    if (Array.isArray(allowed)) this.#allowed = allowed;
    this.#poll?.end(new Refusal(409, CONFLICT));
    this.#updates =
      offset < 0 ? this.#updates.slice(offset) : this.#updates.filter(({ update_id }) => update_id >= offset);
    const found = () => this.#updates.filter((update) => this.#isAllowed(update)).slice(0, limit);
    if (found().length > 0 || timeoutS === 0) return found();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const poll = { wake: () => found().length > 0 && resolve(), end: reject };
    this.#poll = poll;
    const timer = setTimeout(resolve, timeoutS * 1_000);
    const leave = () => resolve();
    gone.addEventListener("abort", leave);
    try {
      await promise;
      return found();
    } finally {
      clearTimeout(timer);
      gone.removeEventListener("abort", leave);
      if (this.#poll === poll) this.#poll = undefined;
    }
  }

  /** Ends the poll that waits. */
  interrupt(): void {
    this.#poll?.end(new Refusal(500, "Internal Server Error: restart"));
  }

  #isAllowed(update: Update): boolean {
    return this.#allowed.length === 0 || this.#allowed.some((kind) => kind in update);
  }
}
