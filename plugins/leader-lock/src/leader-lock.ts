/**
 * Leadership of one agent, assembled: the election over the store, the fleet's members, the operators' intents and file. Answers
 * the `leadership` and `fleet` ports.
 */
import {
  type AlertSink,
  BaseError,
  type Clock,
  type Coordination,
  type CoordinationStore,
  describeError,
  type FailoverRequest,
  type FleetControl,
  type FleetMember,
  type FleetView,
  type IntentReceipt,
  type Leadership,
  type LeadershipGrant,
  type LeadershipRefusal,
  type LeadershipStatus,
  type Logger,
  type OracleControl,
  type OverrideRequest,
  type PauseRequest,
  type Requester,
  type SharedRecords,
  type StoreRecord,
  type Supervised,
  supervise,
} from "@jeju-oracle/kit";
import type { Registry } from "prom-client";
import { ChatLease } from "./chat-lease.ts";
import type { ElectedConfig } from "./config.ts";
import { StoreRecords } from "./coordination.ts";
import { Announcer, type ElectionNews } from "./election/announcer.ts";
import type { ElectionConfig, Standing } from "./election/election-types.ts";
import { Elector } from "./election/elector.ts";
import type { AgentIdentity, LeaseRecord } from "./election/lease-record.ts";
import { FleetAlerts } from "./fleet/alerts.ts";
import { priceDivergenceBps } from "./fleet/divergence.ts";
import { Exchange } from "./fleet/exchange.ts";
import { mayFallBack } from "./fleet/fallback.ts";
import { FleetState } from "./fleet/fleet-state.ts";
import { MemberBeat } from "./fleet/member-beat.ts";
import { encodeReport } from "./fleet/member-record.ts";
import { INTENT_PREFIX, LEASE_PREFIX, ORACLE_LEASE } from "./fleet/names.ts";
import type { OwnFacts } from "./fleet/own-report.ts";
import type { Registration } from "./fleet/registration.ts";
import { CLAIM_STAGGER_MS, candidates, claimRank } from "./fleet/standing.ts";
import { Housekeeper } from "./housekeeper.ts";
import type { Liveness } from "./identity/process-probe.ts";
import { DutyRunner } from "./intents/duty-runner.ts";
import { FleetAdmin } from "./intents/fleet-admin.ts";
import { Obedience, ordersIn, restartOf } from "./intents/obedience.ts";
import { LockFileKeeper } from "./lock-file/keeper.ts";
import { createLeadershipMetrics, type LeadershipMetrics } from "./metrics.ts";

export interface LeaderLockOptions {
  readonly config: ElectedConfig;
  readonly self: AgentIdentity;
  readonly facts: OwnFacts;
  readonly store: CoordinationStore;
  /** Its monotonic clock must run on while the host sleeps. */
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Which file LEADER_LOCK_FILE is on this machine; see lock-file. */
  readonly lockPlace: string | undefined;
  readonly probe: (identity: AgentIdentity) => Liveness;
  readonly oracle: () => OracleControl | undefined;
  readonly alerts: () => AlertSink | undefined;
  readonly endProcess: (reason: string, exitCode: number) => void;
}

/** sysexits.h EX_TEMPFAIL: a supervisor starts the agent again. */
const EXIT_RESTART = 75;
/** sysexits.h EX_CONFIG: starting again does not help while the other process lives. */
const EXIT_BOT_ID_TAKEN = 78;
const RETRY_MS = 250;
/** Polls for which a handed-over lease is left to its nominee. */
const NOMINEE_GRACE_POLLS = 3;

export class LeaderLock implements Leadership, FleetView, FleetControl, Coordination {
  readonly chatLease: ChatLease;
  readonly records: SharedRecords;
  readonly #options: LeaderLockOptions;
  readonly #metrics: LeadershipMetrics;
  readonly #exchange: Exchange;
  readonly #fleet: FleetState;
  readonly #beat: MemberBeat;
  readonly #elector: Elector;
  readonly #announcer: Announcer;
  readonly #admin: FleetAdmin;
  readonly #duties: DutyRunner;
  readonly #obedience: Obedience;
  readonly #alerts: FleetAlerts;
  readonly #housekeeper: Housekeeper;
  #nextListing = Promise.withResolvers<void>();
  #unwatch: (() => void)[] = [];
  #housekeeping: Supervised | undefined;
  #stopping = false;

  constructor(options: LeaderLockOptions) {
    this.#options = options;
    const { store, clock, config, self, logger, probe } = options;
    const { timing } = config;
    const access = { store, clock, opTimeoutMs: timing.opTimeoutMs };
    const isDead = (holder: AgentIdentity) => probe(holder) === "dead";
    this.#metrics = createLeadershipMetrics(options.metrics, {
      isLeader: () => this.#elector.leads(),
      term: () => this.#elector.term,
      expiresInS: () => this.#elector.validForMs() / 1000,
      membersAlive: () => this.members().filter(({ alive }) => alive).length,
      priceDivergenceBps: () => Number(priceDivergenceBps(this.members())),
      storeReachable: () => this.storeReachable(),
    });
    this.records = new StoreRecords(access, () => this.storeReachable());
    this.#alerts = new FleetAlerts(options.alerts, clock);
    this.#admin = new FleetAdmin(access);
    this.#obedience = new Obedience(options.oracle, logger);
    this.#announcer = new Announcer(self, logger, this.#metrics, access);
    this.#exchange = new Exchange(store, clock, timing.opTimeoutMs, {
      listed: (records) => this.#listed(records),
      finished: (operation, durationMs, error) => this.#requested(operation, durationMs, error),
    });
    this.#fleet = new FleetState({
      self,
      facts: options.facts,
      ttlMs: timing.ttlMs,
      clock,
      probe,
      snapshot: () => options.oracle()?.snapshot(),
      chatReachable: () => this.chatLease.reachable,
      ownRole: () => (this.#elector.leads() ? "leader" : this.#stopping ? "stopped" : "follower"),
    });
    this.#beat = new MemberBeat({
      self,
      exchange: this.#exchange,
      clock,
      renewMs: timing.renewMs,
      ownRecord: () => this.#fleet.ownRecord(),
      report: () => this.#fleet.ownReport(),
      mayWrite: () => this.#fleet.registration === "registered",
    });
    this.#elector = new Elector(this.#electionConfig(), {
      clock,
      look: async () => {
        await this.#beat.look();
        return this.#fleet.record(ORACLE_LEASE);
      },
      write: (previous, next) => this.#exchange.write(ORACLE_LEASE, previous, next),
      isDead,
      standing: () => this.#standing(),
      report: () => encodeReport(this.#fleet.ownReport()),
      on: (news) => this.#electionNews(news),
    });
    this.chatLease = new ChatLease({
      config: this.#electionConfig(),
      clock,
      logger,
      nextListing: () => this.#nextListing.promise,
      record: (name) => this.#fleet.record(name),
      write: (name, previous, next) => this.#exchange.write(name, previous, next),
      isDead,
      members: () => this.members(),
      registered: () => this.#fleet.registration === "registered",
      listEveryMs: timing.renewMs,
    });
    this.#duties = new DutyRunner({
      exchange: this.#exchange,
      logger,
      view: () => ({
        botId: self.botId,
        term: this.#elector.term,
        members: this.members(),
        records: this.#fleet.records,
      }),
      handOver: (to, why) => this.#elector.resign(why, timing.ttlMs / 2, to),
    });
    this.#housekeeper = new Housekeeper({
      config,
      self,
      clock,
      logger,
      storeLabel: store.label,
      elector: this.#elector,
      fleet: this.#fleet,
      exchange: this.#exchange,
      admin: this.#admin,
      keeper: new LockFileKeeper(config.lockFile, options.lockPlace, logger),
      alerts: this.#alerts,
      lease: () => this.#lease(),
      storeReachable: () => this.storeReachable(),
      followOrders: () => this.#followOrders(),
      look: () => this.#lookNow(),
    });
  }

  /** Starts the election and returns at once. */
  start(): void {
    const { store, clock, logger, config } = this.#options;
    logger.info("Election starts", { store: store.label, lockFile: config.lockFile, ...config.timing });
    this.#unwatch = [
      store.watch(LEASE_PREFIX, () => this.#elector.lookSoon()),
      store.watch(INTENT_PREFIX, () => this.#lookNow()),
    ];
    this.#elector.start();
    this.#housekeeping = supervise(clock, logger, "fleet housekeeping", (signal) =>
      this.#housekeeper.run(signal),
    );
  }

  /** Stops leading at once, lets the lease go and says goodbye. The caller sets the deadline. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const unwatch of this.#unwatch) unwatch();
    await Promise.all([
      this.#elector.stop(`${this.#options.self.botId} shut down`),
      this.chatLease.stop(),
      this.#housekeeping?.stop(),
      this.#sayGoodbye(),
    ]);
    await this.#options.store.close();
  }

  guard(minRemainingMs: number, priceAgeMs?: number): LeadershipGrant | LeadershipRefusal {
    const validForMs = this.#elector.validForMs();
    const leaderId = this.#lease()?.holder?.botId;
    if (this.#stopping || this.#elector.role === "draining") {
      return { granted: false, leaderId, reason: "draining" };
    }
    if (validForMs > 0) {
      return validForMs >= minRemainingMs
        ? { granted: true, as: "leader", term: this.#elector.term }
        : { granted: false, leaderId, reason: "expiring" };
    }
    if (priceAgeMs !== undefined && this.#mayFallBack(priceAgeMs)) {
      return { granted: true, as: "fallback", term: this.#elector.term };
    }
    return { granted: false, leaderId, reason: leaderId === undefined ? "no-leader" : "follower" };
  }

  leadershipStatus(): LeadershipStatus {
    const validForMs = this.#elector.validForMs();
    const leads = validForMs > 0;
    return {
      role: leads ? "leader" : "follower",
      term: this.#elector.term,
      leaderId: leads ? this.#options.self.botId : this.#lease()?.holder?.botId,
      validForMs: leads ? validForMs : undefined,
    };
  }

  members(): readonly FleetMember[] {
    return this.#fleet.members();
  }

  storeReachable(): boolean {
    return this.#exchange.hasAnswered && this.#exchange.silentForMs() < this.#options.config.timing.ttlMs;
  }

  storeShared(): boolean {
    return this.#alerts.storeShared;
  }

  failover(request: FailoverRequest): Promise<IntentReceipt> {
    return this.#asked(this.#admin.failover(request));
  }

  forceLeader(request: FailoverRequest & { readonly to: string }): Promise<IntentReceipt> {
    return this.#asked(this.#admin.forceLeader(request));
  }

  pause(request: PauseRequest): Promise<IntentReceipt> {
    return this.#asked(this.#admin.pause(request));
  }

  resume(request: Requester): Promise<IntentReceipt> {
    return this.#asked(this.#admin.resume(request));
  }

  restart(request: Requester & { readonly botId: string }): Promise<IntentReceipt> {
    return this.#asked(this.#admin.restart(request));
  }

  set(request: OverrideRequest): Promise<IntentReceipt> {
    return this.#asked(this.#admin.set(request));
  }

  /** What was asked at this agent is looked at without waiting for the next poll. */
  async #asked(written: Promise<IntentReceipt>): Promise<IntentReceipt> {
    const receipt = await written;
    this.#lookNow();
    return receipt;
  }

  #electionConfig(): ElectionConfig {
    const { config, self, store, lockPlace } = this.#options;
    const { ttlMs, renewMs, marginMs, pollMs } = config.timing;
    return {
      self,
      lockPlace,
      ttlMs,
      renewMs,
      marginMs,
      pollMs,
      retryMs: Math.min(RETRY_MS, pollMs),
      nomineeGraceMs: NOMINEE_GRACE_POLLS * pollMs,
      claimEmptyAtOnce: store.local,
    };
  }

  #standing(): Standing {
    const { config, self } = this.#options;
    const eligible = !config.nofailover && this.#fleet.registration === "registered";
    return { eligible, claimDelayMs: claimRank(this.members(), self.botId) * CLAIM_STAGGER_MS };
  }

  #listed(records: readonly StoreRecord[]): void {
    const changed = this.#fleet.listed(records);
    if (changed !== undefined) this.#registrationChanged(changed);
    this.#followOrders();
    this.#nextListing.resolve();
    this.#nextListing = Promise.withResolvers<void>();
  }

  #registrationChanged(registration: Registration): void {
    const { logger, self, endProcess } = this.#options;
    switch (registration.kind) {
      case "waiting":
        return;
      case "registered":
        logger.info("Joined the fleet", { incarnation: self.incarnation });
        this.#beat.reportSoon();
        this.#elector.lookSoon();
        return;
      case "refused": {
        const { pid, host } = registration.rival;
        const reason = `BOT_ID ${self.botId} is in use by another live agent: process ${pid} on ${host}`;
        logger.error("Refused by the fleet", { reason });
        this.#elector.resign(reason, Number.MAX_SAFE_INTEGER);
        endProcess(
          `${reason}. Give each agent a BOT_ID of its own, or stop the other one.`,
          EXIT_BOT_ID_TAKEN,
        );
        return;
      }
      default:
        registration satisfies never;
    }
  }

  #followOrders(): void {
    const { self, logger, endProcess } = this.#options;
    const { records } = this.#fleet;
    try {
      this.#obedience.obey(ordersIn(records));
    } catch (error) {
      logger.error("An order of the fleet could not be obeyed yet", { error: describeError(error) });
    }
    const restart = restartOf(records, self);
    if (restart !== undefined) {
      endProcess(`restart asked for by ${restart.by}: ${restart.reason}`, EXIT_RESTART);
    }
    if (this.#elector.leads()) void this.#duties.run();
  }

  /** A leader looks only as it renews, so this is the quick way to what others wrote. Failures are told by the exchange. */
  #lookNow(): void {
    if (this.#elector.role !== "leader") {
      this.#elector.lookSoon();
      return;
    }
    this.#exchange.look().catch((error: unknown) => {
      if (!(error instanceof BaseError)) throw error;
    });
  }

  #electionNews(news: ElectionNews): void {
    this.#announcer.tell(news);
    if (news.kind === "claim-failed") return;
    if (news.kind === "demoted") this.#beat.reportSoon();
    this.#housekeeper.showLockFile();
    this.#options.oracle()?.lookNow();
  }

  #requested(operation: "look" | "write", durationMs: number, error: unknown): void {
    const { logger } = this.#options;
    this.#metrics.storeDuration.observe({ operation }, durationMs / 1000);
    if (error !== undefined) this.#metrics.storeFailures.inc({ operation });
    switch (this.#alerts.storeAnswered(error)) {
      case "failed":
        logger.warn("The coordination store does not answer, trying on", {
          error: describeError(error),
          nextStep: error instanceof BaseError ? error.nextStep : undefined,
        });
        return;
      case "recovered":
        logger.info("The coordination store answers again");
        return;
      case "unchanged":
    }
  }

  async #sayGoodbye(): Promise<void> {
    try {
      await this.#beat.sayGoodbye();
    } catch (error) {
      this.#options.logger.warn("The fleet could not be told that this agent stops", {
        error: describeError(error),
      });
    }
  }

  #mayFallBack(priceAgeMs: number): boolean {
    const { config, self } = this.#options;
    if (this.#fleet.registration === "refused") return false;
    const rank = candidates(this.#fleet.membersWhenListed()).findIndex(({ botId }) => botId === self.botId);
    return mayFallBack(
      {
        storeSilentForMs: this.#exchange.silentForMs(),
        priceAgeMs,
        rank: rank < 0 ? undefined : rank,
        botId: self.botId,
        nofailover: config.nofailover,
      },
      { ttlMs: config.timing.ttlMs, ...config },
    );
  }

  #lease(): LeaseRecord | undefined {
    return this.#elector.lease() ?? this.#fleet.lease();
  }
}
