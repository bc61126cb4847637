/**
 * One log-in at Discord's gateway (https://docs.discord.com/developers/events/gateway), which discord.js keeps: heartbeats, resumes
 * and reconnects are its. Two sessions of one token both get every press, so that a closed session never connects again.
 */
import { type SessionInfo, WebSocketManager, WebSocketShardEvents } from "@discordjs/ws";
import { type Clock, describeError, type Logger, withDeadline } from "@jeju-oracle/kit";
import { GatewayCloseCodes, GatewayDispatchEvents, GatewayIntentBits, type REST } from "discord.js";
import { DiscordRequestError } from "./discord-error.ts";

export interface GatewaySessionOptions {
  readonly rest: REST;
  readonly token: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onInteraction: (payload: unknown) => void;
}

const CLOSE_DEADLINE_MS = 2_000;
const HANDSHAKE_DEADLINE_MS = 10_000;
/** discord.js does not come back from these. */
const FINAL_CODES: readonly number[] = [
  GatewayCloseCodes.AuthenticationFailed,
  GatewayCloseCodes.InvalidShard,
  GatewayCloseCodes.ShardingRequired,
  GatewayCloseCodes.InvalidAPIVersion,
  GatewayCloseCodes.InvalidIntents,
  GatewayCloseCodes.DisallowedIntents,
];

export class GatewaySession {
  readonly #options: GatewaySessionOptions;
  readonly #manager: WebSocketManager;
  #info: SessionInfo | null = null;
  #isReady = false;
  #isClosed = false;
  #downSinceMs: number;
  #failure: DiscordRequestError | undefined;
  #applicationId: string | undefined;

  constructor(options: GatewaySessionOptions) {
    this.#options = options;
    this.#downSinceMs = options.clock.monotonicMs();
    const { rest, token } = options;
    this.#manager = new WebSocketManager({
      rest,
      token,
      intents: GatewayIntentBits.Guilds,
      shardCount: 1,
      shardIds: [0],
      handshakeTimeout: HANDSHAKE_DEADLINE_MS,
      helloTimeout: HANDSHAKE_DEADLINE_MS,
      // A reconnect that discord.js has already planned asks this first, and waits here for ever once the session is closed.
      retrieveSessionInfo: () => (this.#isClosed ? new Promise<null>(() => undefined) : this.#info),
      updateSessionInfo: (_, info) => {
        this.#info = info;
      },
    });
    this.#listen();
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** For how many ms there has been no connection; 0 while there is one. */
  get downForMs(): number {
    return this.#isReady ? 0 : this.#options.clock.monotonicMs() - this.#downSinceMs;
  }

  /** Why this session will not come back by itself. */
  get failure(): DiscordRequestError | undefined {
    return this.#failure;
  }

  /** Known once ready. */
  get applicationId(): string | undefined {
    return this.#applicationId;
  }

  open(): void {
    this.#manager.connect().catch((error: unknown) => this.#fail(error));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isReady = false;
    const { clock, logger } = this.#options;
    try {
      await withDeadline(clock, "leaving", CLOSE_DEADLINE_MS, async () => this.#manager.destroy());
    } catch (error) {
      logger.debug("A Discord session ended badly", { error: describeError(error) });
    }
  }

  #listen(): void {
    const { logger, onInteraction } = this.#options;
    this.#manager.on(WebSocketShardEvents.Ready, ({ data }) => {
      this.#applicationId = data.application.id;
      this.#up();
    });
    this.#manager.on(WebSocketShardEvents.Resumed, () => this.#up());
    this.#manager.on(WebSocketShardEvents.Closed, ({ code }) => this.#down(code));
    this.#manager.on(WebSocketShardEvents.Error, ({ error }) =>
      logger.debug("Discord's gateway reports an error", { error: describeError(error) }),
    );
    this.#manager.on(WebSocketShardEvents.Dispatch, ({ data }) => {
      if (!this.#isClosed && data.t === GatewayDispatchEvents.InteractionCreate) onInteraction(data.d);
    });
  }

  #up(): void {
    this.#isReady = !this.#isClosed;
  }

  #down(code: number): void {
    if (this.#isClosed) return;
    if (this.#isReady) this.#downSinceMs = this.#options.clock.monotonicMs();
    this.#isReady = false;
    this.#options.logger.debug("Discord's gateway closed the connection", { code });
    if (!FINAL_CODES.includes(code)) return;
    this.#failure ??= new DiscordRequestError("log in at the gateway", `closed with code ${code}`, {
      isTokenRefused: code === GatewayCloseCodes.AuthenticationFailed,
    });
  }

  #fail(error: unknown): void {
    if (!this.#isClosed) this.#failure ??= DiscordRequestError.from("log in at the gateway", error, true);
  }
}
