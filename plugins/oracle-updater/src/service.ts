/** The elizaOS service: a thin shell that gives the price loop its place in a runtime. */
import { type IAgentRuntime, Service } from "@elizaos/core";
import {
  agentContextOf,
  type FleetDirective,
  type ForcedUpdateResult,
  findPort,
  type HoldApproval,
  InvariantError,
  type Leadership,
  type OracleControl,
  type OracleSnapshot,
  type PauseRequest,
  type Requester,
  type RuntimeOverride,
} from "@jeju-oracle/kit";
import { loadOracleConfig } from "./config.ts";
import { OracleUpdater } from "./oracle-updater.ts";
import { publish } from "./runtime-events.ts";

export class OracleUpdaterService extends Service implements OracleControl {
  static override serviceType = "oracle-updater" as const;
  override capabilityDescription =
    "Keeps the price oracle on Jeju fresh from Chainlink and Uniswap v3 on Base.";
  readonly #updater: OracleUpdater;

  /** The runtime builds services by {@link start} alone; its type demands that every parameter is optional. */
  constructor(runtime?: IAgentRuntime, updater?: OracleUpdater) {
    super(runtime);
    if (updater === undefined) throw new InvariantError("OracleUpdaterService is built by start()");
    this.#updater = updater;
  }

  /** Builds the loop and starts it in the background. @throws {ConfigError} {JournalError} */
  static override async start(runtime: IAgentRuntime): Promise<OracleUpdaterService> {
    const context = agentContextOf(runtime);
    const { logger } = context;
    const updater = new OracleUpdater({
      config: loadOracleConfig(context.env),
      botId: context.botId,
      stateDir: context.stateDir,
      logger,
      metrics: context.metrics,
      clock: context.clock,
      leadership: () => leadershipOf(runtime),
      alerts: () => findPort(runtime, "alerts"),
      events: {
        landed: (update) => publish(runtime, logger, "ORACLE_UPDATE_LANDED", { update }),
        failed: ({ code, message }, consecutive) =>
          publish(runtime, logger, "ORACLE_UPDATE_FAILED", { code, message, consecutive }),
        foreignUpdate: (author) =>
          publish(runtime, logger, "ORACLE_FOREIGN_UPDATE", {
            from: author.kind === "foreign" ? author.from : undefined,
            transactionHash: author.kind === "foreign" ? author.transactionHash : undefined,
          }),
      },
    });
    updater.start();
    return new OracleUpdaterService(runtime, updater);
  }

  async stop(): Promise<void> {
    await this.#updater.stop();
  }

  snapshot(): OracleSnapshot {
    return this.#updater.snapshot();
  }

  lookNow(): void {
    this.#updater.lookNow();
  }

  pause(request: PauseRequest): void {
    this.#updater.pause(request);
  }

  obey(directive: FleetDirective): void {
    this.#updater.obey(directive);
  }

  applyOverrides(overrides: readonly RuntimeOverride[]): void {
    this.#updater.applyOverrides(overrides);
  }

  resume(request: Requester): void {
    this.#updater.resume(request);
  }

  forceUpdate(request: Requester): Promise<ForcedUpdateResult> {
    return this.#updater.forceUpdate(request);
  }

  approveHeld(approval: HoldApproval): void {
    this.#updater.approveHeld(approval);
  }
}

/** Without a leadership plugin nothing may be sent: the answer is a refusal, not an exception. */
function leadershipOf(runtime: IAgentRuntime): Leadership {
  return findPort(runtime, "leadership") ?? nobodyLeads;
}

const nobodyLeads: Leadership = {
  guard: () => ({ granted: false, leaderId: undefined, reason: "no-leader" }),
  leadershipStatus: () => ({ role: "follower", term: 0, leaderId: undefined, validForMs: undefined }),
};
