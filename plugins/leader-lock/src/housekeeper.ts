/** What no request to the store triggers: the operator's file, the health of a leader, alerts. Runs once per poll interval. */
import { type Clock, describeError, type Logger, sleep } from "@jeju-oracle/kit";
import type { ElectedConfig } from "./config.ts";
import type { Defects } from "./defects.ts";
import type { Elector } from "./election/elector.ts";
import type { AgentIdentity, LeaseRecord } from "./election/lease-record.ts";
import type { FleetAlerts } from "./fleet/alerts.ts";
import type { Exchange } from "./fleet/exchange.ts";
import type { FleetState } from "./fleet/fleet-state.ts";
import { fleetText } from "./fleet/own-report.ts";
import { nextSitOut, type SitOut } from "./fleet/sit-out.ts";
import { healthierThanLeader, lastingTrouble } from "./fleet/standing.ts";
import type { StoreHealth } from "./fleet/store-health.ts";
import type { FleetAdmin } from "./intents/fleet-admin.ts";
import type { LeaseSight, LockFileKeeper } from "./lock-file/keeper.ts";

export interface HousekeeperOptions {
  readonly config: ElectedConfig;
  readonly self: AgentIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly defects: Defects;
  readonly storeLabel: string;
  readonly storeHealth: StoreHealth;
  readonly elector: Elector;
  readonly fleet: FleetState;
  readonly exchange: Exchange;
  readonly admin: FleetAdmin;
  readonly keeper: LockFileKeeper;
  readonly alerts: FleetAlerts;
  readonly lease: () => LeaseRecord | undefined;
  readonly leaderId: () => string | undefined;
  readonly storeReachable: () => boolean;
  readonly followOrders: () => void;
}

export class Housekeeper {
  readonly #options: HousekeeperOptions;
  #sitOut: SitOut | undefined;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, config, defects, followOrders } = this.#options;
    while (!signal.aborted) {
      await sleep(clock, config.timing.pollMs, signal);
      if (signal.aborted) return;
      defects.isolate("heeding the lock file", undefined, () => this.#heedLockFile());
      defects.isolate("handing over in trouble", undefined, () => this.#resignIfUnhealthy());
      defects.isolate("following orders", undefined, followOrders);
      defects.isolate("raising alerts", undefined, () => this.#raiseAlerts());
    }
  }

  showLockFile(): void {
    this.#options.keeper.show(this.#sight());
  }

  #sight(): LeaseSight {
    const { clock, lease, elector } = this.#options;
    return { lease: lease(), leads: elector.leads(), wallMs: clock.wallMs(), nowMs: clock.monotonicMs() };
  }

  /** `rm` of the file means: elect again, and not the same one. */
  #heedLockFile(): void {
    const { self, config, logger, keeper, elector, admin } = this.#options;
    const sight = this.#sight();
    const removed = keeper.wasRemoved(sight);
    keeper.show(sight);
    if (!removed) return;
    const why = `the lock file was removed on ${self.host}`;
    logger.warn("The lock file was removed: another leader is asked for", { path: config.lockFile });
    if (sight.leads) {
      elector.resign(why, config.timing.ttlMs);
      return;
    }
    admin.failover({ to: undefined, by: `rm on ${self.host}`, reason: why }).catch((error: unknown) => {
      logger.warn("The failover could not be asked for", { error: describeError(error) });
    });
  }

  #resignIfUnhealthy(): void {
    const { config, self, clock, logger, elector, exchange, fleet } = this.#options;
    if (!elector.leads()) return;
    const trouble = lastingTrouble(fleet.snapshot()?.troubles ?? [], config.unhealthyResignMs);
    if (trouble === undefined) return;
    const better = healthierThanLeader(fleet.members(), self.botId);
    if (better === undefined) {
      // Members tell of themselves more often than a leader reads.
      exchange.lookSoon();
      return;
    }
    this.#sitOut = nextSitOut(this.#sitOut, clock.monotonicMs(), config.unhealthyResignMs);
    const { durationMs } = this.#sitOut;
    logger.warn("Handing over to a healthier agent", {
      to: better.botId,
      trouble: trouble.text,
      sitOutMs: durationMs,
    });
    elector.resign(`${self.botId} is in trouble: ${fleetText(trouble.text)}`, durationMs, better.botId);
  }

  #raiseAlerts(): void {
    const { self, config, fleet, exchange, alerts, keeper, elector } = this.#options;
    const { storeLabel, storeHealth, storeReachable, leaderId } = this.#options;
    alerts.sync({
      botId: self.botId,
      members: fleet.members(),
      storeLabel,
      storeOutageMs: exchange.outageMs(),
      storeWritesFailForMs: storeHealth.writesFailForMs,
      storeNextStep: storeHealth.nextStep,
      storeReachable: storeReachable(),
      term: elector.term,
      ttlMs: config.timing.ttlMs,
      leaderId: leaderId(),
      peerTag: fleet.snapshot()?.lastPeerTag,
      lockFileFailure: keeper.failure,
    });
  }
}
