/** The elizaOS service behind the `alerts` port. It takes reports from the first moment; the chat connects it to channels. */
import { type IAgentRuntime, Service } from "@elizaos/core";
import { type AlertCondition, type AlertSink, agentContextOf, InvariantError } from "@jeju-oracle/kit";
import { AlertCenter } from "./alerts/alert-center.ts";

const centers = new WeakMap<IAgentRuntime, AlertCenter>();

/** The alerts of this runtime; undefined before their service started. */
export function alertCenterOf(runtime: IAgentRuntime): AlertCenter | undefined {
  return centers.get(runtime);
}

export class AlertsService extends Service implements AlertSink {
  static override serviceType = "alerts" as const;
  override capabilityDescription = "Delivers conditions that a person should know of.";
  readonly #center: AlertCenter;

  /** The runtime builds services by {@link start} alone; its type demands that every parameter is optional. */
  constructor(runtime?: IAgentRuntime, center?: AlertCenter) {
    super(runtime);
    if (center === undefined) throw new InvariantError("AlertsService is built by start()");
    this.#center = center;
  }

  static override async start(runtime: IAgentRuntime): Promise<AlertsService> {
    const center = new AlertCenter(agentContextOf(runtime));
    centers.set(runtime, center);
    return new AlertsService(runtime, center);
  }

  async stop(): Promise<void> {
    await this.#center.stop();
  }

  raise(condition: AlertCondition): void {
    this.#center.raise(condition);
  }

  clear(key: string): void {
    this.#center.clear(key);
  }
}
