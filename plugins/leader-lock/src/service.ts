/** The elizaOS service behind the `leadership` port. */
import { type IAgentRuntime, Service } from "@elizaos/core";
import {
  agentContextOf,
  InvariantError,
  type Leadership,
  type LeadershipGrant,
  type LeadershipRefusal,
  type LeadershipStatus,
} from "@jeju-oracle/kit";
import { loadLeaderLockConfig } from "./config.ts";
import { createElectionFailures } from "./metrics.ts";
import { StandaloneLeadership } from "./standalone-leadership.ts";

export class LeadershipService extends Service implements Leadership {
  static override serviceType = "leadership" as const;
  override capabilityDescription = "Tells whether this agent may push prices.";
  readonly #leadership: StandaloneLeadership;

  /** The runtime builds services by {@link start} alone; its type demands that every parameter is optional. */
  constructor(runtime?: IAgentRuntime, leadership?: StandaloneLeadership) {
    super(runtime);
    if (leadership === undefined) throw new InvariantError("LeadershipService is built by start()");
    this.#leadership = leadership;
  }

  /** @throws {ConfigError} when the configuration is wrong. */
  static override async start(runtime: IAgentRuntime): Promise<LeadershipService> {
    const { botId, env, logger, metrics } = agentContextOf(runtime);
    loadLeaderLockConfig(env);
    createElectionFailures(metrics);
    const leadership = new StandaloneLeadership(botId);
    logger.info(`Bot ${botId} became leader`, { role: "standalone", term: 0 });
    return new LeadershipService(runtime, leadership);
  }

  /** Refuses every later guard, so that nothing is sent while the agent stops. */
  async stop(): Promise<void> {
    this.#leadership.drain();
  }

  guard(minRemainingMs: number): LeadershipGrant | LeadershipRefusal {
    return this.#leadership.guard(minRemainingMs);
  }

  leadershipStatus(): LeadershipStatus {
    return this.#leadership.leadershipStatus();
  }
}
