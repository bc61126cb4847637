/** The elizaOS service behind the `alerts` port. */
import { type IAgentRuntime, Service } from "@elizaos/core";
import { type AlertCondition, type AlertSink, agentContextOf, InvariantError } from "@jeju-oracle/kit";
import { LoggingAlertSink } from "./logging-alert-sink.ts";

export class AlertsService extends Service implements AlertSink {
  static override serviceType = "alerts" as const;
  override capabilityDescription = "Reports conditions that a person should know of.";
  readonly #sink: AlertSink;

  /** The runtime builds services by {@link start} alone; its type demands that every parameter is optional. */
  constructor(runtime?: IAgentRuntime, sink?: AlertSink) {
    super(runtime);
    if (sink === undefined) throw new InvariantError("AlertsService is built by start()");
    this.#sink = sink;
  }

  static override async start(runtime: IAgentRuntime): Promise<AlertsService> {
    const { logger, metrics } = agentContextOf(runtime);
    return new AlertsService(runtime, new LoggingAlertSink(logger, metrics));
  }

  /** Nothing is held open. */
  async stop(): Promise<void> {}

  raise(condition: AlertCondition): void {
    this.#sink.raise(condition);
  }

  clear(key: string): void {
    this.#sink.clear(key);
  }
}
