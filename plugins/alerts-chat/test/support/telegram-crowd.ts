/**
 * A team that writes to the bot without end: a Bot API that keeps nothing but what still waits for its answer, so that what grows
 * over thousands of messages is the bot's.
 */
import { parametersOf } from "./telegram/parameters.ts";
import { Refusal } from "./telegram/refusal.ts";
import { UpdateQueue } from "./telegram/update-queue.ts";
import { BOT_NAME, BOT_TOKEN, TEAM_CHAT_ID } from "./telegram-server.ts";

const ME = { id: 1_234_567, is_bot: true, first_name: "Oracle", username: BOT_NAME };
const CHAT = { id: TEAM_CHAT_ID, type: "supergroup" };

export class TelegramCrowd {
  readonly token = BOT_TOKEN;
  readonly chatId = String(TEAM_CHAT_ID);
  /** From a message being there to fetch to the arrival of its answer, in ms, in the order of the answers. */
  readonly waitsMs: number[] = [];
  /** Messages that the bot has sent. */
  answers = 0;
  readonly #updates = new UpdateQueue();
  readonly #askedAtMs = new Map<number, number>();
  #nextMessageId = 1;
  readonly #server: Bun.Server<undefined>;

  constructor() {
    this.#server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: (request) => this.#respond(request),
    });
  }

  get apiRoot(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** Updates that the bot has not confirmed. */
  get unconfirmed(): number {
    return this.#updates.pending.length;
  }

  /** Messages without an answer so far. */
  get unanswered(): number {
    return this.#askedAtMs.size;
  }

  get isPolled(): boolean {
    return this.#updates.isPolled;
  }

  asks(userId: number, text: string): void {
    const messageId = this.#nextMessageId++;
    this.#askedAtMs.set(messageId, performance.now());
    const from = { id: userId, is_bot: false, first_name: `Person ${userId}` };
    const date = Math.floor(Date.now() / 1_000);
    this.#updates.add("message", { message_id: messageId, chat: CHAT, from, date, text });
  }

  presses(userId: number, data: string): void {
    const from = { id: userId, is_bot: false, first_name: `Person ${userId}` };
    const message = { message_id: this.#nextMessageId++, chat: CHAT, date: 0 };
    this.#updates.add("callback_query", { id: String(this.#updates.nextId), from, message, data });
  }

  /** Forgets who still waits: some messages get no answer. */
  forgetUnanswered(): void {
    this.#askedAtMs.clear();
  }

  async close(): Promise<void> {
    this.#updates.interrupt();
    await this.#server.stop(true);
  }

  async #respond(request: Request): Promise<Response> {
    try {
      return Response.json({ ok: true, result: await this.#call(request) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const body = { ok: false, error_code: error.errorCode, description: error.message };
      return Response.json(body, { status: error.errorCode });
    }
  }

  async #call(request: Request): Promise<unknown> {
    const method = new URL(request.url).pathname.split("/").at(-1);
    const parameters = await parametersOf(request);
    if (method === "getMe") return ME;
    if (method === "getUpdates") return this.#updates.get(parameters, request.signal);
    if (method !== "sendMessage") return true;
    this.answers++;
    const { message_id } = (parameters.reply_parameters ?? {}) as { readonly message_id?: number };
    const askedAtMs = message_id === undefined ? undefined : this.#askedAtMs.get(message_id);
    if (message_id !== undefined && askedAtMs !== undefined) {
      this.waitsMs.push(performance.now() - askedAtMs);
      this.#askedAtMs.delete(message_id);
    }
    return { message_id: this.#nextMessageId++, chat: CHAT, date: 0, text: parameters.text };
  }
}
