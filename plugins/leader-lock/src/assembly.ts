/** Puts the parts of one agent's leadership together. Nothing runs before {@link LeaderLock.start}. */
import {
  type AlertSink,
  type Clock,
  type CoordinationStore,
  type Logger,
  type OracleControl,
  type StoreRecord,
  withDeadline,
} from "@jeju-oracle/kit";
import type { Registry } from "prom-client";
import { ChatLease } from "./chat-lease.ts";
import type { ElectedConfig } from "./config.ts";
import { StoreRecords } from "./coordination.ts";
import { Defects } from "./defects.ts";
import { Announcer, type ElectionNews } from "./election/announcer.ts";
import type { ElectionConfig } from "./election/election-types.ts";
import { Elector } from "./election/elector.ts";
import type { AgentIdentity } from "./election/lease-record.ts";
import { FleetAlerts } from "./fleet/alerts.ts";
import { priceDivergenceBps } from "./fleet/divergence.ts";
import { enrol } from "./fleet/enrolment.ts";
import { Exchange } from "./fleet/exchange.ts";
import { FleetState } from "./fleet/fleet-state.ts";
import { MemberBeat } from "./fleet/member-beat.ts";
import { encodeReport } from "./fleet/member-record.ts";
import { ORACLE_LEASE } from "./fleet/names.ts";
import type { OwnFacts } from "./fleet/own-report.ts";
import { CLAIM_STAGGER_MS, claimRank } from "./fleet/standing.ts";
import { StoreHealth } from "./fleet/store-health.ts";
import { Housekeeper } from "./housekeeper.ts";
import type { Liveness } from "./identity/process-probe.ts";
import { DutyRunner } from "./intents/duty-runner.ts";
import { FleetAdmin } from "./intents/fleet-admin.ts";
import { Obedience } from "./intents/obedience.ts";
import { OrderFollower } from "./intents/order-follower.ts";
import { PromptControl } from "./intents/prompt-control.ts";
import { LeaderLock } from "./leader-lock.ts";
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

const RETRY_MS = 250;
/** Polls for which a handed-over lease is left to its nominee. */
const NOMINEE_GRACE_POLLS = 3;
/** Reports that a member may miss before it counts as gone; the ttl where that is longer. */
const MISSED_REPORTS = 3;

export function assembleLeaderLock(options: LeaderLockOptions): LeaderLock {
  const { store, clock, config, self, logger, probe, oracle, endProcess } = options;
  const { timing } = config;
  const access = { store, clock, opTimeoutMs: timing.opTimeoutMs };
  const isDead = (holder: AgentIdentity) => probe(holder) === "dead";
  const isRegistered = () => fleet.registration === "registered";
  const metrics: LeadershipMetrics = createLeadershipMetrics(options.metrics, {
    isLeader: () => elector.leads(),
    term: () => elector.term,
    expiresInS: () => elector.validForMs() / 1000,
    membersAlive: () => fleet.members().filter(({ alive }) => alive).length,
    priceDivergenceBps: () => Number(priceDivergenceBps(fleet.members())),
    storeReachable: () => lock.storeReachable(),
  });
  const defects = new Defects(clock, logger, () => metrics.defects.inc());
  const defect = (what: string, error: unknown) => defects.report(what, error);
  const alerts = new FleetAlerts(options.alerts, clock);
  const storeHealth = new StoreHealth(metrics, clock, logger);
  const exchange = new Exchange(store, clock, timing.opTimeoutMs, {
    listed: (records) => defects.isolate("taking in a listing", undefined, () => listed(records)),
    finished: (operation, durationMs, error) => storeHealth.finished(operation, durationMs, error),
  });
  const fleet = new FleetState({
    self,
    facts: options.facts,
    silenceMs: Math.max(timing.ttlMs, MISSED_REPORTS * timing.renewMs),
    clock,
    defects,
    probe,
    snapshot: () => oracle()?.snapshot(),
    chatReachable: () => chatLease.reachable,
    ownRole: () => (elector.leads() ? "leader" : lock.isStopping ? "stopped" : "follower"),
  });
  const beat = new MemberBeat({
    self,
    exchange,
    clock,
    renewMs: timing.renewMs,
    ownRecord: () => fleet.ownRecord(),
    report: () => fleet.ownReport(),
    mayWrite: isRegistered,
  });
  const election = electionConfig(options);
  const announcer = new Announcer(self, logger, metrics, access);
  const elector = new Elector(election, {
    clock,
    look: async () => {
      await beat.look();
      return fleet.record(ORACLE_LEASE);
    },
    write: (previous, next) => exchange.write(ORACLE_LEASE, previous, next),
    isDead,
    standing: () => ({
      eligible: !config.nofailover && isRegistered(),
      claimDelayMs: claimRank(fleet.members(), self.botId) * CLAIM_STAGGER_MS,
    }),
    report: () => encodeReport(fleet.ownReport()),
    on: electionNews,
    defect,
  });
  const firstListing = Promise.withResolvers<void>();
  const chatLease = new ChatLease({
    config: election,
    clock,
    logger,
    listing,
    record: (name) => fleet.record(name),
    write: (name, previous, next) => exchange.write(name, previous, next),
    isDead,
    members: () => fleet.members(),
    registered: isRegistered,
    defect,
  });
  const admin = new FleetAdmin(access);
  const orders = new OrderFollower({
    self,
    records: () => fleet.records,
    obedience: new Obedience(oracle, logger),
    duties: new DutyRunner({
      exchange,
      logger,
      view: () => ({
        botId: self.botId,
        term: elector.term,
        isListed: fleet.isListed(),
        members: fleet.members(),
        silent: fleet.silentRecords(),
        records: fleet.records,
      }),
      introduce: () => beat.report(),
      handOver: (to, why) => elector.resign(why, timing.ttlMs / 2, to),
    }),
    leads: () => elector.leads(),
    endProcess,
  });
  const housekeeper = new Housekeeper({
    config,
    self,
    clock,
    logger,
    defects,
    storeLabel: store.label,
    storeHealth,
    elector,
    fleet,
    exchange,
    admin,
    keeper: new LockFileKeeper(config.lockFile, options.lockPlace, logger),
    alerts,
    lease: () => lock.lease(),
    leaderId: () => lock.leaderId(),
    storeReachable: () => lock.storeReachable(),
    followOrders: () => orders.follow(),
  });
  const lock = new LeaderLock({
    ...{
      config,
      self,
      store,
      clock,
      logger,
      exchange,
      fleet,
      beat,
      elector,
      chatLease,
      orders,
      alerts,
      housekeeper,
    },
    control: new PromptControl(admin, () => lock.lookSoon()),
    records: new StoreRecords(access, () => lock.storeReachable()),
  });
  return lock;

  /** A follower's election lists at every poll, a leader's only as it renews, and one that has ended not at all. */
  async function listing(): Promise<void> {
    const { role } = elector;
    if (role === "follower" || role === "cooldown") {
      const deadlineMs = timing.renewMs + timing.opTimeoutMs;
      await withDeadline(clock, "the first listing of the fleet", deadlineMs, () => firstListing.promise);
    } else await exchange.look();
  }

  function listed(records: readonly StoreRecord[]): void {
    const registration = fleet.listed(records);
    firstListing.resolve();
    chatLease.listed();
    if (registration !== undefined) {
      enrol(registration, { self, logger, reportSoon, withdraw, endProcess });
    }
    // An operator took the lead away: the next renewal would find out, so it comes now.
    if (elector.leads() && fleet.lease()?.revoked === true) elector.lookSoon();
    orders.follow();
  }

  function reportSoon(): void {
    beat.reportSoon();
    elector.lookSoon();
  }

  function withdraw(why: string): void {
    elector.resign(why, Number.MAX_SAFE_INTEGER);
    chatLease.withdraw(why);
  }

  function electionNews(news: ElectionNews): void {
    announcer.tell(news);
    if (news.kind === "claim-failed") return;
    if (news.kind === "demoted") beat.reportSoon();
    defects.isolate("showing the lock file", undefined, () => housekeeper.showLockFile());
    oracle()?.lookNow();
  }
}

function electionConfig({ config, self, store, lockPlace }: LeaderLockOptions): ElectionConfig {
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
