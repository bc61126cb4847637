/**
 * Discord's side, for tests: API and gateway as strict as the real ones (https://docs.discord.com/developers), webhooks, and the
 * people of one server. Any client can use it. Nothing happens by itself.
 */
import { type Fault, Faults } from "./discord/faults.ts";
import { Gateway, type SocketData } from "./discord/gateway.ts";
import { notFound, Refusal, unauthorized, unknownWebhook } from "./discord/refusal.ts";
import {
  type DiscordInteraction,
  type DiscordMessage,
  DiscordState,
  type Incoming,
  TYPE,
} from "./discord/state.ts";
import { checkCommands, isObject, type Json } from "./discord/validate.ts";

export { serverError, unauthorizedFault } from "./discord/faults.ts";
export type { DiscordInteraction, DiscordMessage } from "./discord/state.ts";

export interface DiscordUser {
  readonly id: string;
  readonly name: string;
  readonly isBot?: boolean;
}

export interface DiscordRequest {
  /** See {@link ROUTES}. */
  readonly route: string;
  readonly body: Json;
  readonly authorization: string | null;
}

export const BOT_ID = "1000000000000000001";
export const GUILD_ID = "2000000000000000001";
export const TEAM_CHANNEL_ID = "3000000000000000001";
export const OTHER_CHANNEL_ID = "3000000000000000002";
export const DISCORD_TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.GfAkE1.test-token-of-nobody-at-all-and-more";
const WEBHOOK_ID = "4000000000000000001";
export const WEBHOOK_TOKEN = "test-webhook-token-of-nobody-at-all_0123456789";
const ME: Json = {
  id: BOT_ID,
  username: "oracle",
  discriminator: "0",
  bot: true,
  avatar: null,
  global_name: null,
};

const ROUTES = {
  getGateway: /^GET \/gateway\/bot$/,
  getMe: /^GET \/users\/@me$/,
  getChannel: /^GET \/channels\/(\d+)$/,
  createMessage: /^POST \/channels\/(\d+)\/messages$/,
  editMessage: /^PATCH \/channels\/(\d+)\/messages\/(\d+)$/,
  putCommands: /^PUT \/applications\/(\d+)\/guilds\/(\d+)\/commands$/,
  callback: /^POST \/interactions\/(\d+)\/([\w-]+)\/callback$/,
  editOriginal: /^PATCH \/webhooks\/1000000000000000001\/([\w-]+)\/messages\/@original$/,
  deleteOriginal: /^DELETE \/webhooks\/1000000000000000001\/([\w-]+)\/messages\/@original$/,
  followUp: /^POST \/webhooks\/1000000000000000001\/([\w-]+)$/,
  executeWebhook: /^POST \/webhooks\/(\d+)\/([\w-]+)$/,
  editWebhookMessage: /^PATCH \/webhooks\/(\d+)\/([\w-]+)\/messages\/(\d+)$/,
} as const;
export type DiscordRoute = keyof typeof ROUTES;

export class DiscordServer {
  token = DISCORD_TOKEN;
  readonly state = new DiscordState(ME);
  readonly gateway: Gateway;
  /** Every request, in the order of arrival. */
  readonly requests: DiscordRequest[] = [];
  /** Requests that came before the end of a rate limit. */
  tooEarly = 0;
  /** Requests that a fault leaves without an answer. */
  hanging = 0;
  /** What the webhook's address answers: false once it is deleted. */
  hasWebhook = true;
  /** Whether the team's channel belongs to a server where commands can be registered. */
  isMember = true;
  commands: readonly Json[] = [];
  readonly #faults = new Faults();
  readonly #limitedUntilMs = new Map<string, number>();
  #server: Bun.Server<SocketData> | undefined;
  #port = 0;

  private constructor() {
    this.gateway = new Gateway({
      token: () => this.token,
      url: () => `ws://127.0.0.1:${this.#port}`,
      me: ME,
      guildId: GUILD_ID,
    });
  }

  static start(): DiscordServer {
    const server = new DiscordServer();
    server.open();
    return server;
  }

  get apiRoot(): string {
    return `http://127.0.0.1:${this.#port}/api`;
  }

  get webhookUrl(): string {
    return `${this.apiRoot}/webhooks/${WEBHOOK_ID}/${WEBHOOK_TOKEN}`;
  }

  /** What everybody in the team's channel sees, oldest first. */
  get messages(): readonly DiscordMessage[] {
    return [...this.state.messages.values()].filter(
      ({ channel_id, seenOnlyBy }) => channel_id === TEAM_CHANNEL_ID && seenOnlyBy === undefined,
    );
  }

  /** What only this person sees, oldest first. */
  privateTo({ id }: DiscordUser): readonly DiscordMessage[] {
    return [...this.state.messages.values()].filter(({ seenOnlyBy }) => seenOnlyBy === id);
  }

  /** How many requests of `route` have arrived. */
  count(route: DiscordRoute): number {
    return this.requests.filter((request) => request.route === route).length;
  }

  /** Listens, at the port it had before. */
  open(): void {
    this.#server = Bun.serve<SocketData>({
      port: this.#port,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: (request, server) => {
        if (
          request.headers.get("upgrade") !== null &&
          server.upgrade(request, { data: { session: undefined } })
        )
          return undefined;
        return this.#respond(request);
      },
      websocket: {
        open: (socket) => this.gateway.opened(socket),
        message: (socket, raw) => this.gateway.received(socket, raw),
        close: (socket) => this.gateway.closed(socket),
      },
    });
    this.#port = this.#server.port ?? 0;
  }

  /** Refuses connections from now on, and ends those there are. */
  async close(): Promise<void> {
    await this.#server?.stop(true);
    this.#server = undefined;
  }

  /** The next `times` requests of `route` (`*`: of any) fail. */
  fail(route: DiscordRoute | "*", fault: Fault, times = Number.POSITIVE_INFINITY): void {
    this.#faults.add(route, fault, times);
  }

  heal(): void {
    this.#faults.clear();
  }

  forget({ id }: DiscordMessage): void {
    this.state.messages.delete(id);
  }

  /** Types a registered command. */
  command(user: DiscordUser, name: string, args = "", options: ActOptions = {}): DiscordInteraction {
    if (!this.commands.some((command) => command.name === name)) throw new Error(`no command /${name}`);
    const values = args === "" ? {} : { options: [{ type: 3, name: "args", value: args }] };
    return this.#act(user, TYPE.command, { id: "5", name, type: 1, guild_id: GUILD_ID, ...values }, options);
  }

  /** Presses a button that is there. */
  press(user: DiscordUser, messageId: string, label: string, options: ActOptions = {}): DiscordInteraction {
    const buttons = this.state.messages.get(messageId)?.components.flatMap(({ components }) => components);
    const button = buttons?.find((one) => one.label === label);
    if (button === undefined) throw new Error(`no button "${label}" on this message`);
    return this.forge(user, messageId, button.custom_id, options);
  }

  /** A press that some client made up: any data, for any message. */
  forge(
    user: DiscordUser,
    messageId: string,
    customId: string,
    options: ActOptions = {},
  ): DiscordInteraction {
    const data = { custom_id: customId, component_type: 2 };
    return this.#act(user, TYPE.component, data, { ...options, messageId });
  }

  /** Fills in the form that `opener` showed. */
  submitModal(
    user: DiscordUser,
    opener: DiscordInteraction,
    values: Readonly<Record<string, string>>,
  ): DiscordInteraction {
    const { form, messageId } = opener;
    if (form === undefined || messageId === undefined) throw new Error("no form is shown");
    const components = form.fields.map(({ id, min, max }) => {
      const value = values[id] ?? "";
      if (value.length < min || value.length > max) throw new Error(`the form does not take this ${id}`);
      return { type: 18, id: 1, component: { type: 4, id: 2, custom_id: id, value } };
    });
    const data = { custom_id: form.customId, components };
    return this.#act(user, TYPE.modalSubmit, data, { messageId });
  }

  #act(user: DiscordUser, type: number, data: Json, options: ActOptions & { messageId?: string }) {
    const channelId = options.channelId ?? TEAM_CHANNEL_ID;
    const createdAtMs = options.atMs ?? Date.now();
    const id = this.state.snowflake(createdAtMs);
    const token = `token-of-interaction-${id}`;
    const { messageId } = options;
    const interaction: DiscordInteraction = {
      id,
      token,
      type,
      userId: user.id,
      channelId,
      createdAtMs,
      refusedCallbacks: 0,
      isThinking: false,
      ...(messageId === undefined ? {} : { messageId }),
    };
    this.state.interactions.set(token, interaction);
    const message =
      messageId === undefined ? {} : { message: this.state.messages.get(messageId) ?? { id: messageId } };
    this.gateway.dispatch("INTERACTION_CREATE", {
      id,
      application_id: BOT_ID,
      type,
      token,
      version: 1,
      guild_id: GUILD_ID,
      channel_id: channelId,
      channel: { id: channelId, type: 0, guild_id: GUILD_ID, name: "ops" },
      member: { user: personOf(user), roles: [], permissions: "0", joined_at: new Date().toISOString() },
      app_permissions: "0",
      locale: "en-US",
      entitlements: [],
      authorizing_integration_owners: {},
      context: 0,
      data,
      ...message,
    });
    return interaction;
  }

  async #respond(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    // Webhook URLs are used as they were shown: with or without a version.
    const what = `${request.method} ${decodeURIComponent(pathname).replace(/^\/api(\/v10)?/, "")}`;
    const [route, found] = routeOf(what);
    try {
      const incoming = await incomingOf(request);
      this.requests.push({ route, body: incoming.body, authorization: request.headers.get("authorization") });
      if (this.#isLimited(route)) this.tooEarly++;
      const fault = this.#faults.next(route);
      if (fault?.kind === "rate-limit") return this.#limit(route, fault);
      if (fault?.kind === "hang") return await this.#never(request.signal);
      if (fault?.kind === "garbage")
        return new Response(fault.body, { headers: { "content-type": fault.contentType } });
      if (fault?.kind === "status") {
        if (fault.status === 401) throw unauthorized();
        return new Response("<html>something is wrong</html>", { status: fault.status });
      }
      const result = this.#call(route, found, incoming, request, searchParams);
      if (fault?.kind === "lose-answer") return await this.#never(request.signal);
      const headers = { ...bucketOf(route), "x-ratelimit-remaining": "4", "x-ratelimit-reset-after": "1" };
      return result === undefined
        ? new Response(null, { status: 204, headers })
        : Response.json(result, { headers });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return Response.json({ message: error.message, code: error.code }, { status: error.status });
    }
  }

  #call(
    route: string,
    [first = "", second = "", third = ""]: readonly string[],
    incoming: Incoming,
    request: Request,
    query: URLSearchParams,
  ): unknown {
    const { state } = this;
    switch (route) {
      case "callback":
        return state.callback(first, second, incoming.body);
      case "editOriginal":
        return state.editOriginal(first, incoming);
      case "deleteOriginal":
        return state.deleteOriginal(first);
      case "followUp":
        return state.followUp(first, incoming);
      case "executeWebhook": {
        this.#checkWebhook(first, second);
        const sent = state.executeWebhook(TEAM_CHANNEL_ID, first, incoming);
        return query.get("wait") === "true" ? sent : undefined;
      }
      case "editWebhookMessage":
        this.#checkWebhook(first, second);
        return state.editWebhookMessage(first, third, incoming);
      default:
        return this.#callAsBot(route, [first, second], incoming, request);
    }
  }

  #callAsBot(
    route: string,
    [first, second]: readonly [string, string],
    incoming: Incoming,
    request: Request,
  ) {
    if (request.headers.get("authorization") !== `Bot ${this.token}`) throw unauthorized();
    // https://docs.discord.com/developers/reference#user-agent
    if (!/^DiscordBot \(/.test(request.headers.get("user-agent") ?? ""))
      throw new Refusal(403, 0, "user agent");
    switch (route) {
      case "getGateway":
        return {
          url: `ws://127.0.0.1:${this.#port}`,
          shards: 1,
          session_start_limit: { total: 1_000, remaining: 999, reset_after: 0, max_concurrency: 1 },
        };
      case "getMe":
        return ME;
      case "getChannel":
        this.#checkChannel(first);
        return { id: first, type: 0, name: "ops", guild_id: GUILD_ID };
      case "createMessage":
        this.#checkChannel(first);
        return this.state.create(first, incoming);
      case "editMessage":
        this.#checkChannel(first);
        return this.state.edit(first, second, incoming);
      case "putCommands": {
        if (first !== BOT_ID || second !== GUILD_ID) throw new Refusal(403, 50_001, "Missing Access");
        const commands: unknown = incoming.body.list;
        checkCommands(commands);
        this.commands = commands;
        return commands;
      }
      default:
        throw notFound();
    }
  }

  #checkChannel(id: string): void {
    if (id !== TEAM_CHANNEL_ID && id !== OTHER_CHANNEL_ID) throw new Refusal(404, 10_003, "Unknown Channel");
    if (!this.isMember) throw new Refusal(403, 50_001, "Missing Access");
  }

  #checkWebhook(id: string, token: string): void {
    if (id !== WEBHOOK_ID || !this.hasWebhook) throw unknownWebhook();
    if (token !== WEBHOOK_TOKEN) throw new Refusal(401, 50_027, "Invalid Webhook Token");
  }

  /** https://docs.discord.com/developers/topics/rate-limits */
  #limit(route: string, { retryAfterS, isGlobal = false }: Extract<Fault, { kind: "rate-limit" }>): Response {
    this.#limitedUntilMs.set(isGlobal ? "*" : route, performance.now() + retryAfterS * 1_000);
    return Response.json(
      { message: "You are being rate limited.", retry_after: retryAfterS, global: isGlobal },
      {
        status: 429,
        headers: {
          "retry-after": String(Math.ceil(retryAfterS)),
          ...(isGlobal
            ? { "x-ratelimit-global": "true", "x-ratelimit-scope": "global" }
            : {
                ...bucketOf(route),
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset-after": String(retryAfterS),
                "x-ratelimit-scope": "user",
              }),
        },
      },
    );
  }

  #isLimited(route: string): boolean {
    const untilMs = Math.max(this.#limitedUntilMs.get("*") ?? 0, this.#limitedUntilMs.get(route) ?? 0);
    return performance.now() < untilMs;
  }

  async #never(gone: AbortSignal): Promise<Response> {
    this.hanging++;
    if (!gone.aborted)
      await new Promise((resolve) => gone.addEventListener("abort", resolve, { once: true }));
    this.hanging--;
    return new Response(null, { status: 499 });
  }
}

export interface ActOptions {
  readonly channelId?: string;
  readonly atMs?: number;
}

function routeOf(what: string): readonly [string, readonly string[]] {
  for (const [route, pattern] of Object.entries(ROUTES)) {
    const match = pattern.exec(what);
    if (match !== null) return [route, match.slice(1)];
  }
  return ["unknown", []];
}

function bucketOf(route: string) {
  return { "x-ratelimit-bucket": `bucket-of-${route}`, "x-ratelimit-limit": "5" };
}

/** A list becomes `{ list }`. */
async function incomingOf(request: Request): Promise<Incoming> {
  const type = request.headers.get("content-type") ?? "";
  if (type.includes("multipart")) {
    const form = await request.formData();
    const files: { name: string; text: string }[] = [];
    for (const value of form.values()) {
      if (typeof value === "string") continue;
      files.push({ name: value.name, text: await value.text() });
    }
    return { body: JSON.parse(String(form.get("payload_json"))), files };
  }
  const text = await request.text();
  if (text === "") return { body: {}, files: [] };
  const parsed: unknown = JSON.parse(text);
  return { body: isObject(parsed) ? parsed : { list: parsed }, files: [] };
}

function personOf({ id, name, isBot = false }: DiscordUser) {
  return {
    id,
    username: name.toLowerCase(),
    global_name: name,
    bot: isBot,
    discriminator: "0",
    avatar: null,
  };
}
