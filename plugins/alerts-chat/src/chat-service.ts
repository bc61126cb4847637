/** The elizaOS service of the chat. It starts at once and talks as soon as the other plugins answer. */
import { type IAgentRuntime, Service } from "@elizaos/core";
import {
  type AlertSink,
  agentContextOf,
  type BaseError,
  InvariantError,
  type Supervised,
  supervise,
  waitForPort,
} from "@jeju-oracle/kit";
import { loadChatConfig } from "./chat-env.ts";
import { buildChat, type ChatParts } from "./chat-parts.ts";
import type { CommandContext } from "./commands/command.ts";
import { PeopleKeeper } from "./people/people-keeper.ts";
import { alertCenterOf } from "./service.ts";

declare module "@elizaos/core" {
  interface ServiceTypeRegistry {
    CHAT: "chat";
  }
}

const PORT_DEADLINE_MS = 10_000;

const services = new WeakMap<IAgentRuntime, ChatService>();

/** What commands work with; undefined until the other plugins answer. */
export function commandContextOf(runtime: IAgentRuntime): CommandContext | undefined {
  return services.get(runtime)?.context;
}

/** The file that is there is not the one in force: somebody believes that they changed who may do what. */
function tellOf(alerts: AlertSink, failure: BaseError | undefined): void {
  const key = "operators-file-unusable";
  if (failure === undefined) alerts.clear(key);
  else alerts.raise({ key, severity: "warning", summary: failure.message, nextStep: failure.nextStep });
}

export class ChatService extends Service {
  static override serviceType = "chat" as const;
  override capabilityDescription = "Answers engineers in Telegram, Discord and on the console.";
  #parts: ChatParts | undefined;
  #running: Supervised | undefined;
  #beside: readonly Supervised[] = [];

  /** The runtime builds services by {@link start} alone; its type demands that every parameter is optional. */
  constructor(runtime?: IAgentRuntime) {
    super(runtime);
    if (runtime === undefined) throw new InvariantError("ChatService is built by start()");
  }

  /** @throws {ConfigError} when the variables or the operators file are wrong. */
  static override async start(runtime: IAgentRuntime): Promise<ChatService> {
    const agent = agentContextOf(runtime);
    const config = loadChatConfig(agent.env);
    const people = new PeopleKeeper(config.OPERATORS_FILE, agent.logger);
    const service = new ChatService(runtime);
    services.set(runtime, service);
    service.#running = supervise(agent.clock, agent.logger, "chat", async (signal) => {
      const [coordination, fleet] = await Promise.all([
        waitForPort(runtime, agent.clock, "coordination", PORT_DEADLINE_MS),
        waitForPort(runtime, agent.clock, "fleet", PORT_DEADLINE_MS),
        waitForPort(runtime, agent.clock, "alerts", PORT_DEADLINE_MS),
      ]);
      const alerts = alertCenterOf(runtime);
      if (alerts === undefined) throw new InvariantError("the alerts service has started and has no center");
      // Once, however often this loop begins again: a second conversation would tell everything twice.
      service.#parts ??= buildChat({ runtime, agent, config, coordination, fleet, people, alerts });
      service.#parts.chat.start();
      if (service.#beside.length === 0) service.#beside = service.#parts.startBeside();
      await people.keep(agent.clock, signal, (failure) => tellOf(alerts, failure));
    });
    return service;
  }

  get context(): CommandContext | undefined {
    return this.#parts?.context;
  }

  async stop(): Promise<void> {
    await Promise.all([
      this.#running?.stop(),
      ...this.#beside.map((each) => each.stop()),
      this.#parts?.chat.stop(),
    ]);
  }
}
