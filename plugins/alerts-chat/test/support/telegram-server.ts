/**
 * Telegram's side, for tests: the Bot API over HTTP as strict as the real one (https://core.telegram.org/bots/api), and the people
 * who write to the bot. Any client of the Bot API can use it. Nothing happens by itself.
 */
import { type BotMessage, BotState, type Chat } from "./telegram/bot-state.ts";
import { type Fault, Faults } from "./telegram/faults.ts";
import { type Parameters, parametersOf } from "./telegram/parameters.ts";
import { Refusal } from "./telegram/refusal.ts";

export type { BotMessage } from "./telegram/bot-state.ts";
export { garbage, serverError, tooManyRequests, unauthorized } from "./telegram/faults.ts";

export interface TelegramUser {
  readonly id: number;
  readonly name: string;
}

export interface SayOptions {
  /** Default: the team's chat. `private`: a chat with the bot alone. */
  readonly where?: number | "private";
  readonly atMs?: number;
  readonly isForwarded?: boolean;
  readonly viaBot?: boolean;
  /** As the group itself. */
  readonly isAnonymous?: boolean;
  readonly isBot?: boolean;
}

/** What somebody has written. */
export interface Said {
  readonly message_id: number;
  readonly chat: Chat;
  readonly from: unknown;
  readonly date: number;
  readonly text: string;
}

export interface ApiRequest {
  readonly method: string;
  readonly parameters: Parameters;
}

export const TEAM_CHAT_ID = -1_001_234_567_890;
export const BOT_TOKEN = "1234567:test-token-of-nobody-at-all";
export const BOT_NAME = "jeju_oracle_bot";
const ME = { id: 1_234_567, is_bot: true, first_name: "Oracle", username: BOT_NAME };

export class TelegramServer {
  readonly token: string;
  /** Every request with the right token, in the order of arrival. */
  readonly requests: ApiRequest[] = [];
  readonly #faults = new Faults();
  #state: BotState;
  #server: Bun.Server<undefined> | undefined;
  #port = 0;
  /** Requests that a fault leaves without an answer. */
  hanging = 0;
  /** Such requests that their sender has given up. */
  abandoned = 0;
  #arrivals: { readonly method: string; readonly count: number; readonly resolve: () => void }[] = [];

  private constructor(token: string) {
    this.token = token;
    this.#state = newState();
  }

  static start(token = BOT_TOKEN): TelegramServer {
    const server = new TelegramServer(token);
    server.open();
    return server;
  }

  get apiRoot(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** What the bot has sent and not deleted, as it stands, oldest first. */
  get messages(): readonly BotMessage[] {
    return [...this.#state.sent.values()];
  }

  get commands(): readonly unknown[] {
    return this.#state.commands;
  }

  /** Updates that the bot has not confirmed. */
  get unconfirmed(): readonly number[] {
    return this.#state.updates.pending.map(({ update_id }) => update_id);
  }

  /** Presses whose button still spins. */
  get spinningButtons(): number {
    return this.#state.unansweredPresses.size;
  }

  /** Whether a long poll waits. */
  get isPolled(): boolean {
    return this.#state.updates.isPolled;
  }

  /** How many requests of `method` have arrived. */
  count(method: string): number {
    return this.requests.filter((request) => request.method === method).length;
  }

  /** Resolves when `count` requests of `method` have arrived since the start. */
  arrived(method: string, count: number): Promise<void> {
    if (this.count(method) >= count) return Promise.resolve();
    return new Promise((resolve) => this.#arrivals.push({ method, count, resolve }));
  }

  /** Listens, at the port it had before. */
  open(): void {
    this.#server = Bun.serve({
      port: this.#port,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: (request) => this.#respond(request),
    });
    this.#port = this.#server.port ?? 0;
  }

  /** Refuses connections from now on, and ends those there are. */
  async close(): Promise<void> {
    this.#state.updates.interrupt();
    await this.#server?.stop(true);
    this.#server = undefined;
  }

  /** Forgets messages, updates and presses, as a service restored from nothing would. Numbers go on. */
  loseState(): void {
    const { updates, nextMessageId } = this.#state;
    updates.interrupt();
    this.#state = newState();
    this.#state.updates.nextId = updates.nextId + 1_000;
    this.#state.nextMessageId = nextMessageId + 1_000;
  }

  /** The next `times` requests of `method` (`*`: of any) fail. */
  fail(method: string, fault: Fault, times = Number.POSITIVE_INFINITY): void {
    this.#faults.add(method, fault, times);
  }

  heal(): void {
    this.#faults.clear();
  }

  kick(chatId = TEAM_CHAT_ID): void {
    this.#state.troubles.set(chatId, { kind: "kicked" });
  }

  /** The group becomes a supergroup with another id. */
  upgrade(chatId: number, newId: number): void {
    this.#state.troubles.set(chatId, { kind: "moved", newId });
    this.#state.chats.set(newId, { id: newId, type: "supergroup" });
  }

  /** Nobody can edit this message any more. */
  lock({ message_id }: BotMessage): void {
    this.#state.locked.add(message_id);
  }

  forget({ message_id }: BotMessage): void {
    this.#state.sent.delete(message_id);
  }

  /** Takes from the bot the right to delete what others wrote. */
  forbidDeleting(): void {
    this.#state.mayDelete = false;
  }

  /** Whether what somebody said still stands in the chat. */
  stands({ message_id }: Said): boolean {
    return this.#state.said.has(message_id);
  }

  says(user: TelegramUser, text: string, options: SayOptions = {}): Said {
    const said = this.#said(user, text, options);
    this.#state.updates.add("message", said);
    return said;
  }

  edits(said: Said, text: string): void {
    const edit_date = Math.floor(Date.now() / 1_000);
    this.#state.updates.add("edited_message", { ...said, text, edit_date });
  }

  /** Presses a button that is there. */
  presses(user: TelegramUser, message: BotMessage, label: string): void {
    const current = this.#state.sent.get(message.message_id);
    const button = current?.reply_markup?.inline_keyboard.flat().find(({ text }) => text === label);
    if (button?.callback_data === undefined) throw new Error(`no button "${label}" on this message`);
    this.#press(user, { ...current }, button.callback_data);
  }

  /** A press that some client made up: any data, for any message. */
  forges(user: TelegramUser, message: Pick<BotMessage, "message_id" | "chat">, data: string): void {
    this.#press(user, { message_id: message.message_id, chat: message.chat, date: 0 }, data);
  }

  #press(user: TelegramUser, message: unknown, data: string): void {
    const id = `${user.id}${this.#state.updates.nextId}`;
    this.#state.unansweredPresses.add(id);
    this.#state.updates.add("callback_query", {
      id,
      from: personOf(user),
      message,
      chat_instance: "1",
      data,
    });
  }

  #said(user: TelegramUser, text: string, options: SayOptions): Said {
    const chat: Chat =
      options.where === "private"
        ? { id: user.id, type: "private" }
        : { id: options.where ?? TEAM_CHAT_ID, type: "supergroup" };
    this.#state.chats.set(chat.id, chat);
    const date = Math.floor((options.atMs ?? Date.now()) / 1_000);
    const anonymous = { from: { id: 1_087_968_824, is_bot: true, first_name: "Group" }, sender_chat: chat };
    const command = /^\/\w+(@\w+)?/.exec(text)?.[0];
    const message_id = this.#state.nextMessageId++;
    this.#state.said.add(message_id);
    return {
      message_id,
      chat,
      date,
      text,
      ...(command === undefined
        ? {}
        : { entities: [{ type: "bot_command", offset: 0, length: command.length }] }),
      ...(options.isForwarded ? { forward_origin: { type: "user", date, sender_user: { id: 1 } } } : {}),
      ...(options.viaBot ? { via_bot: { id: 2, is_bot: true, first_name: "Inline" } } : {}),
      ...(options.isAnonymous ? anonymous : { from: personOf(user, options.isBot) }),
    };
  }

  async #respond(request: Request): Promise<Response> {
    const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(new URL(request.url).pathname) ?? [];
    if (token === undefined || method === undefined || !token.includes(":"))
      return failure(new Refusal(404, "Not Found"));
    if (token !== this.token) return failure(new Refusal(401, "Unauthorized"));
    try {
      const parameters = await parametersOf(request);
      this.#record({ method, parameters });
      const fault = this.#faults.next(method);
      if (fault?.kind === "garbage") return new Response(fault.body, { status: fault.status });
      if (fault?.kind === "hang") return await this.#never(request.signal);
      if (fault?.kind === "refuse")
        throw new Refusal(
          fault.errorCode,
          fault.description,
          fault.retryAfterS === undefined ? undefined : { retry_after: fault.retryAfterS },
        );
      const result = await this.#call(method, parameters, request.signal);
      if (fault?.kind === "lose-answer") return await this.#never(request.signal);
      return Response.json({ ok: true, result });
    } catch (error) {
      if (error instanceof Refusal) return failure(error);
      throw error;
    }
  }

  async #never(gone: AbortSignal): Promise<Response> {
    this.hanging++;
    if (!gone.aborted)
      await new Promise((resolve) => gone.addEventListener("abort", resolve, { once: true }));
    this.hanging--;
    this.abandoned++;
    return new Response(null, { status: 499 });
  }

  #record(request: ApiRequest): void {
    this.requests.push(request);
    const met = this.#arrivals.filter(({ method, count }) => this.count(method) >= count);
    this.#arrivals = this.#arrivals.filter((arrival) => !met.includes(arrival));
    for (const { resolve } of met) resolve();
  }

  #call(method: string, parameters: Parameters, gone: AbortSignal): unknown {
    const state = this.#state;
    switch (method.toLowerCase()) {
      case "getme":
        return ME;
      case "getupdates":
        return state.updates.get(parameters, gone);
      case "sendmessage":
        return state.sendMessage(parameters);
      case "senddocument":
        return state.sendDocument(parameters);
      case "editmessagetext":
        return state.editMessageText(parameters);
      case "editmessagereplymarkup":
        return state.editMessageReplyMarkup(parameters);
      case "deletemessage":
        return state.deleteMessage(parameters);
      case "answercallbackquery":
        return state.answerCallbackQuery(parameters);
      case "setmycommands":
        return state.setMyCommands(parameters);
      case "getmycommands":
        return state.commands;
      case "deletewebhook":
        return true;
      default:
        throw new Refusal(404, "Not Found: method not found");
    }
  }
}

function newState(): BotState {
  const state = new BotState(ME);
  state.chats.set(TEAM_CHAT_ID, { id: TEAM_CHAT_ID, type: "supergroup" });
  return state;
}

function personOf({ id, name }: TelegramUser, isBot = false) {
  return { id, is_bot: isBot, first_name: name, username: name.toLowerCase() };
}

function failure({ errorCode, message, parameters }: Refusal): Response {
  const body = { ok: false, error_code: errorCode, description: message, parameters };
  return Response.json(body, { status: errorCode });
}
