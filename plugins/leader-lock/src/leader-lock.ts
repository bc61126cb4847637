/**
 * Leadership of one agent: may it act now, who belongs to the fleet, and what operators ask of it. Its parts are put together in
 * assembly.ts.
 */
import {
  type Clock,
  type Coordination,
  type CoordinationStore,
  describeError,
  type FleetControl,
  type FleetMember,
  type FleetView,
  type Leadership,
  type LeadershipGrant,
  type LeadershipRefusal,
  type LeadershipStatus,
  type Logger,
  type SharedRecords,
  type Supervised,
  supervise,
  withDeadline,
} from "@jeju-oracle/kit";
import type { ChatLease } from "./chat-lease.ts";
import type { ElectedConfig } from "./config.ts";
import type { Elector } from "./election/elector.ts";
import type { AgentIdentity, LeaseRecord } from "./election/lease-record.ts";
import type { FleetAlerts } from "./fleet/alerts.ts";
import type { Exchange } from "./fleet/exchange.ts";
import { mayFallBack } from "./fleet/fallback.ts";
import type { FleetState } from "./fleet/fleet-state.ts";
import type { MemberBeat } from "./fleet/member-beat.ts";
import { INTENT_PREFIX, ORACLE_LEASE } from "./fleet/names.ts";
import { candidates } from "./fleet/standing.ts";
import type { Housekeeper } from "./housekeeper.ts";
import type { OrderFollower } from "./intents/order-follower.ts";

export interface LeaderLockParts {
  readonly config: ElectedConfig;
  readonly self: AgentIdentity;
  readonly store: CoordinationStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly exchange: Exchange;
  readonly fleet: FleetState;
  readonly beat: MemberBeat;
  readonly elector: Elector;
  readonly chatLease: ChatLease;
  readonly control: FleetControl;
  readonly records: SharedRecords;
  readonly orders: OrderFollower;
  readonly alerts: FleetAlerts;
  readonly housekeeper: Housekeeper;
}

/** The agent gives a service a second to stop: this, and the end of the connections. */
const GOODBYE_DEADLINE_MS = 800;
const CLOSE_DEADLINE_MS = 150;
/** A store tells of this agent's own writes, too, about this soon. */
const ECHO_MS = 500;

export class LeaderLock implements Leadership, FleetView, Coordination {
  readonly chatLease: ChatLease;
  readonly records: SharedRecords;
  readonly control: FleetControl;
  readonly #parts: LeaderLockParts;
  #unwatch: (() => void)[] = [];
  #housekeeping: Supervised | undefined;
  #ledLast: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(parts: LeaderLockParts) {
    this.#parts = parts;
    this.chatLease = parts.chatLease;
    this.records = parts.records;
    this.control = parts.control;
  }

  /** Starts the election and returns at once. */
  start(): void {
    const { store, clock, logger, config, elector, housekeeper } = this.#parts;
    logger.info("Election starts", { store: store.label, lockFile: config.lockFile, ...config.timing });
    this.#unwatch = [
      store.watch(ORACLE_LEASE, () => this.#leaseChanged()),
      store.watch(INTENT_PREFIX, () => this.lookSoon()),
    ];
    elector.start();
    this.#housekeeping = supervise(clock, logger, "fleet housekeeping", (signal) => housekeeper.run(signal));
  }

  /**
   * Stops leading at once, lets the lease go and says goodbye: within a second, whatever the store does. What other plugins still
   * need, records and the chat lease, stays until {@link stop}. Idempotent.
   */
  stopLeading(): Promise<void> {
    this.#ledLast ??= this.#stopLeading();
    return this.#ledLast;
  }

  /** Ends all of it: lets both leases go and closes the store, within a second. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  get isStopping(): boolean {
    return this.#ledLast !== undefined;
  }

  guard(minRemainingMs: number, priceAgeMs?: number): LeadershipGrant | LeadershipRefusal {
    const { elector } = this.#parts;
    const { term } = elector;
    const leaderId = this.leaderId();
    if (this.isStopping || elector.role === "draining") {
      return { granted: false, leaderId, reason: "draining" };
    }
    const validForMs = elector.validForMs();
    if (validForMs > 0) {
      return validForMs >= minRemainingMs
        ? { granted: true, as: "leader", term }
        : { granted: false, leaderId, reason: "expiring" };
    }
    if (priceAgeMs !== undefined && this.#mayFallBack(priceAgeMs)) {
      return { granted: true, as: "fallback", term };
    }
    return { granted: false, leaderId, reason: leaderId === undefined ? "no-leader" : "follower" };
  }

  leadershipStatus(): LeadershipStatus {
    const { elector } = this.#parts;
    const validForMs = elector.validForMs();
    return {
      role: validForMs > 0 ? "leader" : "follower",
      term: elector.term,
      leaderId: this.leaderId(),
      validForMs: validForMs > 0 ? validForMs : undefined,
    };
  }

  members(): readonly FleetMember[] {
    return this.#parts.fleet.members();
  }

  storeReachable(): boolean {
    const { exchange, config } = this.#parts;
    return exchange.isReachable(config.timing.ttlMs);
  }

  storeShared(): boolean {
    return this.#parts.alerts.storeShared;
  }

  /** Who leads at this moment, as far as this agent can know: undefined when a lease was not renewed in its time. */
  leaderId(): string | undefined {
    const { elector, fleet, self } = this.#parts;
    return elector.leads() ? self.botId : fleet.livingLeader()?.botId;
  }

  /** The lease as last known, whether or not it still runs. */
  lease(): LeaseRecord | undefined {
    const { elector, fleet } = this.#parts;
    return elector.lease() ?? fleet.lease();
  }

  /** Looks at what others wrote. A leader reads only as it renews, so for it this is a request of its own. */
  lookSoon(): void {
    const { elector, exchange } = this.#parts;
    if (elector.role === "leader") exchange.lookSoon();
    else elector.lookSoon();
  }

  /** A leader that looked at each echo of its renewals would ask twice as often as it has to. */
  #leaseChanged(): void {
    const { elector, exchange } = this.#parts;
    if (elector.role === "leader" && exchange.sinceWriteMs() < ECHO_MS) return;
    this.lookSoon();
  }

  #mayFallBack(priceAgeMs: number): boolean {
    const { config, self, exchange, fleet } = this.#parts;
    if (fleet.registration === "refused") return false;
    const storeOutageMs = exchange.outageMs();
    // Members are ranked as they stood when the store last answered.
    const rank = () => {
      const place = candidates(fleet.membersWhenListed()).findIndex(({ botId }) => botId === self.botId);
      return place < 0 ? undefined : place;
    };
    return mayFallBack(
      { storeOutageMs, priceAgeMs, rank, botId: self.botId, nofailover: config.nofailover },
      { ttlMs: config.timing.ttlMs, ...config },
    );
  }

  async #stopLeading(): Promise<void> {
    const { logger, config, self, elector, orders } = this.#parts;
    orders.end();
    for (const unwatch of this.#unwatch) unwatch();
    // The release is sent first: everything else may fail.
    const [isReleased] = await Promise.all([
      elector.stop(`${self.botId} shut down`, GOODBYE_DEADLINE_MS),
      this.#sayGoodbye(),
      this.#housekeeping?.stop(),
    ]);
    if (!isReleased) {
      const { ttlMs } = config.timing;
      logger.warn("The lease could not be let go: another agent leads when it has run out", { ttlMs });
    }
  }

  async #stop(): Promise<void> {
    const { store, clock, logger, chatLease } = this.#parts;
    await Promise.all([this.stopLeading(), chatLease.stop(GOODBYE_DEADLINE_MS)]);
    try {
      await withDeadline(clock, "closing the store", CLOSE_DEADLINE_MS, () => store.close());
    } catch (error) {
      logger.warn("The store could not be closed in order", { error: describeError(error) });
    }
  }

  async #sayGoodbye(): Promise<void> {
    const { clock, logger, beat } = this.#parts;
    try {
      await withDeadline(clock, "the goodbye", GOODBYE_DEADLINE_MS, () => beat.sayGoodbye());
    } catch (error) {
      logger.warn("The fleet could not be told that this agent stops", { error: describeError(error) });
    }
  }
}
