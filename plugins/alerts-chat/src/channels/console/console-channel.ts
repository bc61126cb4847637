/**
 * The console channel: a socket through which the user of this agent, and nobody else, speaks with it and sees what it says.
 * Each agent has its own, with or without the chat lease: nobody is heard twice there.
 */
import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { type AlertCondition, BaseError, type Clock, describeError, type Logger } from "@jeju-oracle/kit";
import { type ClientLine, CONSOLE_SOCKET, type ServerLine } from "@jeju-oracle/kit/console";
import type { Channel, InboundHandler } from "../../conversation/channel.ts";
import type { Inbound } from "../../conversation/inbound.ts";
import type { OutboundMessage, SentReference } from "../../conversation/outbound.ts";
import { ClientLink } from "./client-link.ts";
import { MessageLog } from "./message-log.ts";
import { listenAt } from "./socket-file.ts";

export interface ConsoleChannelOptions {
  readonly stateDir: string;
  /** This agent; the id of its console as a place. */
  readonly botId: string;
  /** Who a client is: an id of OPERATORS_FILE. Undefined: nobody. */
  readonly operator: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told when the socket cannot be used. */
  readonly raise: (condition: AlertCondition) => void;
}

export interface ConsoleChannel extends Channel {
  readonly socketPath: string;
  /** After `start`: settles when clients can connect, or with false when the socket cannot be used. Never rejects. */
  listening(): Promise<boolean>;
}

const KEPT_MESSAGES = 100;
const MAX_CLIENTS = 32;
/** Requests of one client at a time. */
const MAX_PENDING = 16;

/** Keeps what it sends from the beginning; listens after `start`. */
export function createConsoleChannel(options: ConsoleChannelOptions): ConsoleChannel {
  return new SocketConsole(options);
}

class SocketConsole implements ConsoleChannel {
  readonly id = "console";
  readonly interactive = true;
  readonly socketPath: string;
  readonly #options: ConsoleChannelOptions;
  readonly #log = new MessageLog(KEPT_MESSAGES);
  readonly #clients = new Set<ClientLink>();
  /** Whose request an inbound is, while it is handled. */
  readonly #requests = new Map<string, { readonly client: ClientLink; readonly request: number }>();
  /** Ids of this run: no message of an earlier one, or of another agent, has the same. */
  readonly #run = randomBytes(9).toString("base64url");
  #count = 0;
  #server: Server | undefined;
  #listening: Promise<boolean> = Promise.resolve(false);

  constructor(options: ConsoleChannelOptions) {
    this.#options = options;
    this.socketPath = join(options.stateDir, CONSOLE_SOCKET);
  }

  async send(message: OutboundMessage): Promise<SentReference> {
    const messageId = this.#nextId();
    this.#log.add(messageId, message, this.#isWatched());
    this.#tellAll({ type: "message", messageId, message });
    return this.#reference(messageId);
  }

  async edit(reference: SentReference, message: OutboundMessage): Promise<SentReference> {
    const { messageId } = reference;
    // What this console does not know, another agent's console has shown.
    if (!this.#log.replace(messageId, message, this.#isWatched())) return this.send(message);
    this.#tellAll({ type: "edit", messageId, message });
    return reference;
  }

  async answer(inbound: Inbound, message: OutboundMessage): Promise<SentReference> {
    const asked = this.#requests.get(inbound.eventId);
    // Whoever asked has gone: the next person reads it.
    if (asked === undefined || !this.#clients.has(asked.client)) return this.send(message);
    const messageId = this.#nextId();
    this.#log.add(messageId, message, true);
    asked.client.send({ type: "answer", request: asked.request, messageId, message });
    return this.#reference(messageId);
  }

  start(handler: InboundHandler): void {
    if (this.#server !== undefined) return;
    const server = createServer((socket) => this.#welcome(socket, handler));
    this.#server = server;
    this.#listening = this.#listen(server);
  }

  listening(): Promise<boolean> {
    return this.#listening;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const isListening = await this.#listening;
    for (const client of this.#clients) client.end();
    // Closing removes the socket's file.
    if (isListening) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #listen(server: Server): Promise<boolean> {
    const { logger, operator, raise } = this.#options;
    try {
      await listenAt(server, this.socketPath);
    } catch (error) {
      const summary = `The console is not available: ${describeError(error)}`;
      const nextStep = error instanceof BaseError ? error.nextStep : "Check STATE_DIR and its permissions.";
      logger.error(summary, { nextStep });
      raise({ key: "console-unavailable", severity: "warning", summary, nextStep });
      return false;
    }
    server.on("error", (error) =>
      logger.warn("A client of the console could not connect", { error: describeError(error) }),
    );
    logger.info("The console listens", { socket: this.socketPath, operator: operator ?? "nobody" });
    return true;
  }

  #welcome(socket: Socket, handler: InboundHandler): void {
    const client: ClientLink = new ClientLink(
      socket,
      (line) => this.#take(client, line, handler),
      () => this.#clients.delete(client),
    );
    if (this.#clients.size >= MAX_CLIENTS) {
      client.refuse(`This console has ${MAX_CLIENTS} clients already.`);
      client.end();
      return;
    }
    this.#clients.add(client);
    const { botId, operator } = this.#options;
    client.send({ type: "hello", agent: botId, operator: operator ?? null });
  }

  #take(client: ClientLink, line: ClientLine, handler: InboundHandler): void {
    if (line.type === "watch") {
      client.isWatched = true;
      for (const kept of this.#log.takeBacklog()) client.send({ type: "message", ...kept });
      return;
    }
    if (client.pending >= MAX_PENDING) {
      client.refuse(`${MAX_PENDING} requests wait already; wait for an answer.`, line.request);
      return;
    }
    void this.#handle(client, line, handler);
  }

  async #handle(
    client: ClientLink,
    line: Exclude<ClientLine, { type: "watch" }>,
    handler: InboundHandler,
  ): Promise<void> {
    const inbound = this.#inboundOf(line);
    client.pending += 1;
    this.#requests.set(inbound.eventId, { client, request: line.request });
    try {
      await handler(inbound);
    } catch (error) {
      this.#options.logger.error("What was typed at the console could not be handled", {
        error: describeError(error),
      });
    } finally {
      this.#requests.delete(inbound.eventId);
      client.pending -= 1;
      client.send({ type: "done", request: line.request });
    }
  }

  #inboundOf(line: Exclude<ClientLine, { type: "watch" }>): Inbound {
    const { botId, clock, operator } = this.#options;
    const eventId = this.#nextId();
    const common = {
      eventId,
      caller: {
        platform: "console",
        userId: operator ?? "",
        displayName: operator ?? "console",
        isBot: false,
        isAnonymous: operator === undefined,
      },
      place: { platform: "console", chatId: botId },
    } as const;
    if (line.type === "press") {
      const { messageId, data, form } = line;
      return { kind: "press", ...common, messageId, data, ...(form === undefined ? {} : { form }) };
    }
    return {
      kind: "message",
      ...common,
      messageId: eventId,
      text: line.text,
      // Lines wait in the socket while this process stands still; nobody types in the future.
      sentAtMs: Math.min(line.atMs, clock.wallMs()),
      isEdit: false,
      isForwarded: false,
    };
  }

  #isWatched(): boolean {
    return [...this.#clients].some(({ isWatched }) => isWatched);
  }

  #tellAll(line: ServerLine): void {
    for (const client of this.#clients) client.send(line);
  }

  #reference(messageId: string): SentReference {
    return { platform: "console", chatId: this.#options.botId, messageId };
  }

  #nextId(): string {
    this.#count += 1;
    return `${this.#run}-${this.#count}`;
  }
}
