/**
 * Leadership of one agent, assembled: the election over the store, the fleet's members, the operators' intents and file. Answers
 * the `leadership` and `fleet` ports.
 */
import {
  type AlertSink,
  BaseError,
  type Clock,
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
  type OracleSnapshot,
  type OverrideRequest,
  type PauseRequest,
  type Requester,
  type StoreRecord,
  type Supervised,
  sleep,
  supervise,
} from "@jeju-oracle/kit";
import type { Registry } from "prom-client";
import { ChatLease } from "./chat-lease.ts";
import type { ElectedConfig } from "./config.ts";
import type { Effect, ElectionConfig, Standing } from "./election/election-types.ts";
import { Elector } from "./election/elector.ts";
import type { AgentIdentity } from "./election/lease-record.ts";
import { FleetAlerts } from "./fleet/alerts.ts";
import { priceDivergenceBps } from "./fleet/divergence.ts";
import { Exchange } from "./fleet/exchange.ts";
import { mayFallBack } from "./fleet/fallback.ts";
import { recordTerm } from "./fleet/history.ts";
import { MemberBeat } from "./fleet/member-beat.ts";
import { encodeReport, type FullReport } from "./fleet/member-record.ts";
import { leaseOf, type Membership, membersAt, NO_MEMBERSHIP, observeListing } from "./fleet/membership.ts";
import { INTENT_PREFIX, LEASE_PREFIX, memberName, ORACLE_LEASE } from "./fleet/names.ts";
import { type OwnFacts, ownReport } from "./fleet/own-report.ts";
import { judgeRegistration, type Registration, UNREGISTERED } from "./fleet/registration.ts";
import {
  CLAIM_STAGGER_MS,
  candidates,
  claimRank,
  healthierThanLeader,
  lastingTrouble,
} from "./fleet/standing.ts";
import type { Liveness } from "./identity/process-probe.ts";
import { FleetAdmin } from "./intents/fleet-admin.ts";
import { type LeaderDuty, leaderDuties } from "./intents/leader-duties.ts";
import { Obedience, ordersIn, restartOf } from "./intents/obedience.ts";
import { LockFileKeeper } from "./lock-file/keeper.ts";
import { createLeadershipMetrics, type LeadershipMetrics } from "./metrics.ts";

export interface LeaderLockOptions {
  readonly config: ElectedConfig;
  readonly self: AgentIdentity;
  readonly facts: OwnFacts;
  readonly store: CoordinationStore;
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
/** A report is computed at most this often: the machine asks for it at every step. */
const REPORT_CACHE_MS = 200;
/** A leader that resigns again and again for its health sits out longer each time, up to this. */
const LONGEST_SIT_OUT_MS = 600_000;

export class LeaderLock implements Leadership, FleetView, FleetControl {
  readonly #options: LeaderLockOptions;
  readonly #exchange: Exchange;
  readonly #elector: Elector;
  readonly #beat: MemberBeat;
  readonly #admin: FleetAdmin;
  readonly #obedience: Obedience;
  readonly #keeper: LockFileKeeper;
  readonly #alerts: FleetAlerts;
  readonly #metrics: LeadershipMetrics;
  readonly chatLease: ChatLease;
  #membership: Membership = NO_MEMBERSHIP;
  #registration: Registration = UNREGISTERED;
  #report: { readonly value: FullReport; readonly atMs: number } | undefined;
  #dutyUnderWay = false;
  #healthResignations = 0;
  #stopping = false;
  #unwatch: (() => void)[] = [];
  #housekeeping: Supervised | undefined;
  #nextListing = Promise.withResolvers<void>();

  constructor(options: LeaderLockOptions) {
    this.#options = options;
    const { store, clock, config, self, logger } = options;
    const { timing } = config;
    this.#exchange = new Exchange(store, clock, timing.opTimeoutMs, {
      listed: (records) => this.#listed(records),
      finished: (operation, durationMs, error) => this.#requested(operation, durationMs, error),
    });
    this.#beat = new MemberBeat({
      self,
      exchange: this.#exchange,
      clock,
      renewMs: timing.renewMs,
      ownRecord: () => this.#membership.records.get(memberName(self.botId)) ?? null,
      report: () => this.#ownReport(),
      mayWrite: () => this.#registration.kind === "registered",
    });
    this.#elector = new Elector(this.#electionConfig(), {
      clock,
      look: async () => {
        await this.#beat.look();
        return this.#membership.records.get(ORACLE_LEASE) ?? null;
      },
      write: (previous, next) => this.#exchange.write(ORACLE_LEASE, previous, next),
      isDead: (holder) => options.probe(holder) === "dead",
      standing: () => this.#standing(),
      report: () => encodeReport(this.#ownReport()),
      on: (effect) => this.#elected(effect),
    });
    this.#admin = new FleetAdmin({ store, clock, opTimeoutMs: timing.opTimeoutMs });
    this.#obedience = new Obedience(options.oracle, logger);
    this.#keeper = new LockFileKeeper(config.lockFile, options.lockPlace, logger);
    this.chatLease = new ChatLease({
      config: this.#electionConfig(),
      clock,
      logger,
      nextListing: () => this.#nextListing.promise,
      record: (name) => this.#membership.records.get(name) ?? null,
      write: (name, previous, next) => this.#exchange.write(name, previous, next),
      isDead: (holder) => options.probe(holder) === "dead",
      members: () => this.members(),
      registered: () => this.#registration.kind === "registered",
      listEveryMs: timing.renewMs,
    });
    this.#metrics = createLeadershipMetrics(options.metrics, {
      isLeader: () => this.#elector.leads(),
      term: () => this.#elector.term,
      expiresInS: () => this.#elector.validForMs() / 1000,
      membersAlive: () => this.members().filter(({ alive }) => alive).length,
      priceDivergenceBps: () => Number(priceDivergenceBps(this.members())),
      storeReachable: () => this.storeReachable(),
    });
    this.#alerts = new FleetAlerts(options.alerts, clock);
  }

  /** Starts the election and returns at once. */
  start(): void {
    const { store, clock, logger, config } = this.#options;
    logger.info("Election starts", { store: store.label, lockFile: config.lockFile, ...config.timing });
    this.#unwatch = [
      store.watch(LEASE_PREFIX, () => this.#elector.lookSoon()),
      store.watch(INTENT_PREFIX, () => this.#lookForIntents()),
    ];
    this.#elector.start();
    this.#housekeeping = supervise(clock, logger, "fleet housekeeping", (signal) => this.#keepHouse(signal));
  }

  /** Stops leading at once, lets the lease go and says goodbye. Never throws; the caller sets the deadline. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const unwatch of this.#unwatch) unwatch();
    await Promise.all([
      this.chatLease.stop(),
      this.#elector.stop(`${this.#options.self.botId} shut down`),
      this.#housekeeping?.stop(),
      this.#sayGoodbye(),
    ]);
    await this.#options.store.close();
  }

  guard(minRemainingMs: number, priceAgeMs?: number): LeadershipGrant | LeadershipRefusal {
    const validForMs = this.#elector.validForMs();
    const leaderId = this.#leaderId();
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
      leaderId: leads ? this.#options.self.botId : this.#leaderId(),
      validForMs: leads ? validForMs : undefined,
    };
  }

  members(): readonly FleetMember[] {
    const { clock, config, self } = this.#options;
    const seen = membersAt(this.#membership, clock.monotonicMs(), config.timing.ttlMs);
    // About itself an agent knows more than the store does.
    return seen.map((member) =>
      member.botId === self.botId && member.incarnation === self.incarnation
        ? { ...member, ...this.#ownReport(), alive: true, silentForMs: 0, role: this.#ownRole() }
        : member,
    );
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
    this.#lookForIntents();
    return receipt;
  }

  #electionConfig(): ElectionConfig {
    const { config, self, store, lockPlace } = this.#options;
    const { timing } = config;
    return {
      self,
      lockPlace,
      ttlMs: timing.ttlMs,
      renewMs: timing.renewMs,
      marginMs: timing.marginMs,
      pollMs: timing.pollMs,
      retryMs: Math.min(RETRY_MS, timing.pollMs),
      nomineeGraceMs: NOMINEE_GRACE_POLLS * timing.pollMs,
      claimEmptyAtOnce: store.local,
    };
  }

  #standing(): Standing {
    const { config, self } = this.#options;
    const eligible = !config.nofailover && this.#registration.kind === "registered";
    return { eligible, claimDelayMs: claimRank(this.members(), self.botId) * CLAIM_STAGGER_MS };
  }

  #listed(records: readonly StoreRecord[]): void {
    const { clock, self, config, probe } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#membership = observeListing(this.#membership, records, nowMs);
    const before = this.#registration;
    this.#registration = judgeRegistration(before, self, this.#membership, nowMs, config.timing.ttlMs, probe);
    if (before.kind !== this.#registration.kind) this.#registrationChanged(this.#registration);
    this.#followOrders();
    this.#nextListing.resolve();
    this.#nextListing = Promise.withResolvers<void>();
  }

  #registrationChanged(registration: Registration): void {
    const { logger, self, endProcess } = this.#options;
    if (registration.kind === "waiting") return;
    if (registration.kind === "registered") {
      this.#beat.reportSoon();
      logger.info("Joined the fleet", { incarnation: self.incarnation });
      this.#elector.lookSoon();
      return;
    }
    const { rival } = registration;
    const reason = `BOT_ID ${self.botId} is in use by another live agent: process ${rival.pid} on ${rival.host}`;
    logger.error("Refused by the fleet", { reason });
    this.#elector.resign(reason, Number.MAX_SAFE_INTEGER);
    endProcess(`${reason}. Give each agent a BOT_ID of its own, or stop the other one.`, EXIT_BOT_ID_TAKEN);
  }

  #followOrders(): void {
    const { self, logger, endProcess } = this.#options;
    const { records } = this.#membership;
    try {
      this.#obedience.obey(ordersIn(records));
    } catch (error) {
      logger.error("An order of the fleet could not be obeyed yet", { error: describeError(error) });
    }
    const restart = restartOf(records, self);
    if (restart !== undefined) {
      endProcess(`restart asked for by ${restart.by}: ${restart.reason}`, EXIT_RESTART);
    }
    if (this.#elector.leads()) void this.#doDuties();
  }

  async #doDuties(): Promise<void> {
    if (this.#dutyUnderWay) return;
    this.#dutyUnderWay = true;
    try {
      const duties = leaderDuties({
        botId: this.#options.self.botId,
        term: this.#elector.term,
        members: this.members(),
        records: this.#membership.records,
      });
      for (const duty of duties) await this.#doDuty(duty);
    } catch (error) {
      this.#options.logger.warn("An intent could not be dealt with yet", { error: describeError(error) });
    } finally {
      this.#dutyUnderWay = false;
    }
  }

  async #doDuty(duty: LeaderDuty): Promise<void> {
    const { logger, config } = this.#options;
    switch (duty.kind) {
      case "hand-over":
        this.#elector.resign(duty.why, config.timing.ttlMs / 2, duty.to);
        return;
      case "refuse":
        logger.warn("A failover was refused", { why: duty.why });
        await this.#exchange.write(duty.record.name, duty.record, duty.next);
        return;
      case "tidy":
        await this.#exchange.write(duty.record.name, duty.record, null);
        return;
      default:
        duty satisfies never;
    }
  }

  /** A leader polls nothing by itself, so a hint is the quick way to an intent. Failures are told by the exchange. */
  #lookForIntents(): void {
    if (this.#elector.role !== "leader") {
      this.#elector.lookSoon();
      return;
    }
    this.#exchange.look().catch((error: unknown) => {
      if (!(error instanceof BaseError)) throw error;
    });
  }

  #elected(effect: Exclude<Effect, { kind: "look" } | { kind: "write" }>): void {
    const { logger, self, oracle } = this.#options;
    const { botId } = self;
    switch (effect.kind) {
      case "elected":
        if ((effect.how === "dead" || effect.how === "expired") && effect.from !== undefined) {
          logger.warn(`Previous leader ${effect.from} is dead, taking over`, { term: effect.term });
        }
        logger.info(`Bot ${botId} became leader`, { term: effect.term, why: effect.why });
        this.#metrics.elections.inc({ how: effect.how });
        void this.#recordTerm(effect);
        break;
      case "demoted":
        logger.warn(`Bot ${botId} no longer leads`, { term: effect.term, why: effect.why });
        this.#metrics.demotions.inc({ voluntary: String(effect.voluntary) });
        if (!effect.voluntary) this.#metrics.electionFailures.inc();
        this.#beat.reportSoon();
        break;
      case "claim-failed":
        if (effect.why === "store-unavailable") this.#metrics.electionFailures.inc();
        logger.info("A claim of the lead did not succeed", { why: effect.why });
        return;
      default:
        effect satisfies never;
    }
    this.#showLockFile();
    oracle()?.lookNow();
  }

  async #recordTerm({ term, from, why }: Extract<Effect, { kind: "elected" }>): Promise<void> {
    const { store, clock, config, self, logger } = this.#options;
    const access = { store, clock, opTimeoutMs: config.timing.opTimeoutMs };
    try {
      await recordTerm(access, {
        term,
        leader: self.botId,
        host: self.host,
        from: from ?? null,
        why,
        timestamp: clock.wallMs(),
      });
    } catch (error) {
      logger.warn("The term could not be written to the history", { term, error: describeError(error) });
    }
  }

  /** What no request to the store triggers: the operator's file, the health of a leader, alerts. */
  async #keepHouse(signal: AbortSignal): Promise<void> {
    const { clock, config } = this.#options;
    while (!signal.aborted) {
      await sleep(clock, config.timing.pollMs, signal);
      if (signal.aborted) return;
      this.#heedLockFile();
      this.#resignIfUnhealthy();
      this.#followOrders();
      this.#raiseAlerts();
    }
  }

  /** `rm` of the file means: elect again, and not the same one. */
  #heedLockFile(): void {
    const { self, config, logger } = this.#options;
    const lease = this.#lease();
    const removed = this.#keeper.wasRemoved(lease, this.#elector.leads());
    this.#showLockFile();
    if (!removed) return;
    const why = `the lock file was removed on ${self.host}`;
    logger.warn("The lock file was removed: another leader is asked for", { path: config.lockFile });
    if (this.#elector.leads()) {
      this.#elector.resign(why, config.timing.ttlMs);
      return;
    }
    this.#admin.failover({ to: undefined, by: `rm on ${self.host}`, reason: why }).then(
      () => undefined,
      (error: unknown) => logger.warn("The failover could not be asked for", { error: describeError(error) }),
    );
  }

  #showLockFile(): void {
    const { clock } = this.#options;
    this.#keeper.show(this.#lease(), this.#elector.leads(), clock.wallMs(), clock.monotonicMs());
  }

  #resignIfUnhealthy(): void {
    const { config, self, logger } = this.#options;
    if (!this.#elector.leads()) return;
    const troubles = this.#snapshot()?.troubles ?? [];
    const trouble = lastingTrouble(troubles, config.unhealthyResignMs);
    if (trouble === undefined) {
      if (troubles.length === 0) this.#healthResignations = 0;
      return;
    }
    const better = healthierThanLeader(this.members(), self.botId);
    if (better === undefined) return;
    const sitOutMs = Math.min(config.unhealthyResignMs * 2 ** this.#healthResignations, LONGEST_SIT_OUT_MS);
    this.#healthResignations += 1;
    logger.warn("Handing over to a healthier agent", { to: better.botId, trouble: trouble.text, sitOutMs });
    this.#elector.resign(`${self.botId} is in trouble: ${trouble.text}`, sitOutMs, better.botId);
  }

  #raiseAlerts(): void {
    const { self, store, config } = this.#options;
    this.#alerts.sync({
      botId: self.botId,
      members: this.members(),
      storeLabel: store.label,
      storeSilentForMs: this.#exchange.silentForMs(),
      storeReachable: this.storeReachable(),
      ttlMs: config.timing.ttlMs,
      leaderId: this.#leaderId(),
      peerTag: this.#snapshot()?.lastPeerTag,
      lockFileFailure: this.#keeper.failure,
    });
  }

  #requested(operation: "look" | "write", durationMs: number, error: unknown): void {
    const { logger } = this.#options;
    this.#metrics.storeDuration.observe({ operation }, durationMs / 1000);
    const said = this.#alerts.storeAnswered(error);
    if (error !== undefined) this.#metrics.storeFailures.inc({ operation });
    if (said === "failed") {
      const nextStep = error instanceof BaseError ? error.nextStep : undefined;
      logger.warn("The coordination store does not answer, trying on", {
        error: describeError(error),
        nextStep,
      });
    }
    if (said === "recovered") logger.info("The coordination store answers again");
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
    if (this.#registration.kind === "refused") return false;
    const ranked = candidates(this.#knownMembers());
    const rank = ranked.findIndex(({ botId }) => botId === self.botId);
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

  /** Who lived when the store last answered: during an outage everybody is silent. */
  #knownMembers(): readonly FleetMember[] {
    const { listedAtMs } = this.#membership;
    return listedAtMs === undefined
      ? []
      : membersAt(this.#membership, listedAtMs, this.#options.config.timing.ttlMs);
  }

  #ownReport(): FullReport {
    const { clock, facts } = this.#options;
    const nowMs = clock.monotonicMs();
    if (this.#report === undefined || nowMs - this.#report.atMs >= REPORT_CACHE_MS) {
      const value = ownReport(facts, this.#snapshot(), this.chatLease?.reachable);
      this.#report = { value, atMs: nowMs };
    }
    return this.#report.value;
  }

  /** Undefined while the price loop starts or cannot tell: an election must not fail with it. */
  #snapshot(): OracleSnapshot | undefined {
    try {
      return this.#options.oracle()?.snapshot();
    } catch (error) {
      if (!(error instanceof BaseError)) throw error;
      return undefined;
    }
  }

  #ownRole(): FleetMember["role"] {
    return this.#elector.leads() ? "leader" : this.#stopping ? "stopped" : "follower";
  }

  #lease() {
    return this.#elector.lease() ?? leaseOf(this.#membership);
  }

  #leaderId(): string | undefined {
    return this.#lease()?.holder?.botId;
  }
}
