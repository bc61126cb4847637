/** What no request to the store triggers: the operator's file, the health of a leader, alerts. Runs once per poll interval. */
import { type Clock, describeError, type Logger, sleep } from "@jeju-oracle/kit";
import type { ElectedConfig } from "./config.ts";
import type { Elector } from "./election/elector.ts";
import type { AgentIdentity, LeaseRecord } from "./election/lease-record.ts";
import type { FleetAlerts } from "./fleet/alerts.ts";
import type { Exchange } from "./fleet/exchange.ts";
import type { FleetState } from "./fleet/fleet-state.ts";
import { healthierThanLeader, lastingTrouble } from "./fleet/standing.ts";
import type { FleetAdmin } from "./intents/fleet-admin.ts";
import type { LockFileKeeper } from "./lock-file/keeper.ts";

export interface HousekeeperOptions {
  readonly config: ElectedConfig;
  readonly self: AgentIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly storeLabel: string;
  readonly elector: Elector;
  readonly fleet: FleetState;
  readonly exchange: Exchange;
  readonly admin: FleetAdmin;
  readonly keeper: LockFileKeeper;
  readonly alerts: FleetAlerts;
  readonly lease: () => LeaseRecord | undefined;
  readonly storeReachable: () => boolean;
  readonly followOrders: () => void;
  /** Looks at the store without waiting for the next renewal. */
  readonly look: () => void;
}

/** A leader that resigns again and again for its health sits out longer each time, up to this. */
const LONGEST_SIT_OUT_MS = 600_000;

export class Housekeeper {
  readonly #options: HousekeeperOptions;
  #healthResignations = 0;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, config } = this.#options;
    while (!signal.aborted) {
      await sleep(clock, config.timing.pollMs, signal);
      if (signal.aborted) return;
      this.#heedLockFile();
      this.#resignIfUnhealthy();
      this.#options.followOrders();
      this.#raiseAlerts();
    }
  }

  showLockFile(): void {
    const { clock, keeper, lease, elector } = this.#options;
    keeper.show(lease(), elector.leads(), clock.wallMs(), clock.monotonicMs());
  }

  /** `rm` of the file means: elect again, and not the same one. */
  #heedLockFile(): void {
    const { self, config, logger, keeper, lease, elector, admin } = this.#options;
    const removed = keeper.wasRemoved(lease(), elector.leads());
    this.showLockFile();
    if (!removed) return;
    const why = `the lock file was removed on ${self.host}`;
    logger.warn("The lock file was removed: another leader is asked for", { path: config.lockFile });
    if (elector.leads()) {
      elector.resign(why, config.timing.ttlMs);
      return;
    }
    admin.failover({ to: undefined, by: `rm on ${self.host}`, reason: why }).catch((error: unknown) => {
      logger.warn("The failover could not be asked for", { error: describeError(error) });
    });
  }

  #resignIfUnhealthy(): void {
    const { config, self, logger, elector, fleet, look } = this.#options;
    if (!elector.leads()) return;
    const troubles = fleet.snapshot()?.troubles ?? [];
    const trouble = lastingTrouble(troubles, config.unhealthyResignMs);
    if (trouble === undefined) {
      if (troubles.length === 0) this.#healthResignations = 0;
      return;
    }
    const better = healthierThanLeader(fleet.members(), self.botId);
    if (better === undefined) {
      // Members tell of themselves more often than a leader reads.
      look();
      return;
    }
    const sitOutMs = Math.min(config.unhealthyResignMs * 2 ** this.#healthResignations, LONGEST_SIT_OUT_MS);
    this.#healthResignations += 1;
    logger.warn("Handing over to a healthier agent", { to: better.botId, trouble: trouble.text, sitOutMs });
    elector.resign(`${self.botId} is in trouble: ${trouble.text}`, sitOutMs, better.botId);
  }

  #raiseAlerts(): void {
    const { self, config, storeLabel, fleet, exchange, alerts, keeper, lease, storeReachable } =
      this.#options;
    alerts.sync({
      botId: self.botId,
      members: fleet.members(),
      storeLabel,
      storeSilentForMs: exchange.silentForMs(),
      storeReachable: storeReachable(),
      ttlMs: config.timing.ttlMs,
      leaderId: lease()?.holder?.botId,
      peerTag: fleet.snapshot()?.lastPeerTag,
      lockFileFailure: keeper.failure,
    });
  }
}
