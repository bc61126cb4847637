/**
 * Alerts of this agent, from the first report to the last edit. Reports are taken from the first moment; the fleet's store and the
 * channels join when they are there.
 */
import { join } from "node:path";
import {
  type AlertCondition,
  type AlertSink,
  type Clock,
  type Coordination,
  describeError,
  type FleetMember,
  InvariantError,
  type Leadership,
  type Logger,
  type Supervised,
  sleep,
  supervise,
} from "@jeju-oracle/kit";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Audit } from "../audit/audit-log.ts";
import type { Channel, EpisodeChannel } from "../conversation/channel.ts";
import { isActive } from "./alert.ts";
import { AlertBook } from "./alert-book.ts";
import type { AlertDesk } from "./alert-desk.ts";
import { AlertIntake } from "./alert-intake.ts";
import { channelOutlet } from "./delivery/channel-outlet.ts";
import { Courier, type CourierEvent } from "./delivery/courier.ts";
import { episodeOutlet } from "./delivery/episode-outlet.ts";
import { FleetSlots } from "./delivery/fleet-slots.ts";
import type { OutletPort } from "./delivery/outlet-port.ts";
import { OwnSlots } from "./delivery/own-slots.ts";
import type { SlotKeeper } from "./delivery/slot-keeper.ts";
import { FleetDesk } from "./fleet-desk.ts";
import { endGoneRaisers } from "./gone-raisers.ts";
import { Ledger } from "./ledger.ts";
import { LoggingAlertSink } from "./logging-alert-sink.ts";
import { EXTERNAL } from "./rules/rules.ts";
import { StoreSync } from "./store-sync.ts";
import { watchLeader } from "./watches/leader-watch.ts";

export interface AlertCenterOptions {
  readonly botId: string;
  readonly stateDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
}

export interface AlertConnections {
  readonly coordination: Coordination;
  readonly members: () => readonly FleetMember[];
  readonly leadership: () => ReturnType<Leadership["leadershipStatus"]> | undefined;
  readonly channels: readonly Channel[];
  readonly episodes: readonly EpisodeChannel[];
  readonly oncall: () => readonly string[];
  readonly audit: Audit;
}

/** What others changed is known this late at most: to the agent that tells, and to any while it knows of an alert that holds. */
const TELLER_PULL_MS = 5_000;
const ACTIVE_PULL_MS = 10_000;
const TEND_EVERY_MS = 5_000;
const TIDY_EVERY_MS = 600_000;
/** A channel that hiccups is no alert. */
const CHANNEL_DOWN_AFTER_MS = 60_000;
/** Each console shows what its own agent knows: it reaches nobody who does not look. */
const CONSOLE = "console";

export class AlertCenter implements AlertSink {
  readonly #options: AlertCenterOptions;
  readonly #log: LoggingAlertSink;
  readonly #book: AlertBook;
  readonly #intake: AlertIntake;
  readonly #deliveries: Counter;
  #couriers: readonly Courier[] = [];
  #sync: StoreSync | undefined;
  #running: readonly Supervised[] = [];
  #progressAtMs: number;

  constructor(options: AlertCenterOptions) {
    this.#options = options;
    const { botId, stateDir, clock, logger, metrics } = options;
    this.#progressAtMs = clock.monotonicMs();
    this.#log = new LoggingAlertSink(logger, metrics);
    this.#book = new AlertBook({
      ledger: new Ledger(join(stateDir, `alerts-${botId}.sqlite`), logger),
      clock,
      logger,
      changed: () => this.#changed(),
      unwritable: (problem) => this.#ledgerState(problem),
    });
    this.#intake = new AlertIntake(this.#book, botId, clock);
    this.#deliveries = new Counter({
      name: "oracle_alert_deliveries_total",
      help: "Messages about alerts, by channel and outcome.",
      labelNames: ["channel", "outcome"],
      registers: [metrics],
    });
    const backlog = () => this.#couriers.map((courier) => [courier.outletId, courier.backlog()] as const);
    new Gauge({
      name: "oracle_alerts_undelivered",
      help: "Messages about alerts that wait, by channel; 0 on agents that do not tell.",
      labelNames: ["channel"],
      registers: [metrics],
      collect() {
        this.reset();
        for (const [channel, count] of backlog()) this.set({ channel }, count);
      },
    });
  }

  raise(condition: AlertCondition): void {
    this.#log.raise(condition);
    this.#intake.raise(condition);
  }

  clear(key: string): void {
    this.#log.clear(key);
    this.#intake.clear(key);
  }

  /** Monotonic time at which the pipeline last went round, ms. */
  get progressAtMs(): number {
    return this.#progressAtMs;
  }

  /** Joins the fleet and the channels, and begins to tell. Once. */
  connect(connections: AlertConnections): AlertDesk {
    if (this.#sync !== undefined) throw new InvariantError("alerts are connected to their channels once");
    const { clock, logger, botId } = this.#options;
    const { coordination, members, leadership, channels, episodes } = connections;
    const { records, chatLease } = coordination;
    const remote: OutletPort[] = [
      ...channels.filter(({ id }) => id !== CONSOLE).map((channel) => channelOutlet(channel)),
      ...episodes.map(episodeOutlet),
    ];
    const sync: StoreSync = new StoreSync({
      records,
      book: this.#book,
      clock,
      logger,
      // What comes from outside is nobody's own: whoever knows it keeps it.
      isOwn: ({ rule, raisers }) =>
        rule === EXTERNAL.id || (raisers[botId] !== undefined && raisers[botId].endedAtMs === undefined),
      pullEveryMs: () => {
        if (remote.length > 0 && slots.isTeller()) return TELLER_PULL_MS;
        return this.#book.all().some(isActive) ? ACTIVE_PULL_MS : undefined;
      },
      pulled: () => this.#ringCouriers(),
    });
    const slots = new FleetSlots({
      botId,
      clock,
      logger,
      book: this.#book,
      records,
      sync,
      chatLease,
      members,
      leadership,
    });
    this.#sync = sync;
    // Whoever tells is the one that answers: also where nobody can answer.
    if (remote.length > 0) chatLease.start();
    const own = new OwnSlots(
      () => this.#book.all(),
      () => sync.silences,
      clock.wallMs(),
    );
    this.#couriers = [
      ...remote.map((outlet) => this.#courier(outlet, slots, connections)),
      ...channels
        .filter(({ id }) => id === CONSOLE)
        .map((channel) => this.#courier(channelOutlet(channel), own, connections)),
    ];
    for (const courier of this.#couriers) courier.start();
    this.#running = [
      supervise(clock, logger, "Sharing alerts", (signal) => sync.run(signal)),
      supervise(clock, logger, "Watching the leader", (signal) =>
        watchLeader(leadership, this, clock, signal),
      ),
      supervise(clock, logger, "Tending alerts", (signal) => this.#tend(slots, sync, members, signal)),
    ];
    const { audit } = connections;
    return new FleetDesk({ book: this.#book, sync, isShared: records.available, audit, clock, logger });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#couriers, ...this.#running].map((each) => each.stop()));
    this.#book.close();
  }

  #courier(outlet: OutletPort, slots: SlotKeeper, { oncall }: AlertConnections): Courier {
    const { botId, clock, logger } = this.#options;
    return new Courier({
      outlet,
      slots,
      oncall,
      botId,
      clock,
      logger,
      random: Math.random,
      heard: (event) => this.#heard(outlet.id, event),
    });
  }

  async #tend(
    slots: FleetSlots,
    sync: StoreSync,
    members: () => readonly FleetMember[],
    signal: AbortSignal,
  ): Promise<void> {
    const { botId, clock, logger } = this.#options;
    let tidiedAtMs = clock.monotonicMs();
    while (!signal.aborted) {
      this.#progressAtMs = clock.monotonicMs();
      this.#intake.tick();
      if (slots.isTeller()) endGoneRaisers(this.#book, members(), botId, clock.wallMs());
      if (clock.monotonicMs() - tidiedAtMs >= TIDY_EVERY_MS) {
        tidiedAtMs = clock.monotonicMs();
        try {
          await sync.tidy();
        } catch (error) {
          logger.debug("Old alerts stay in the store for now", { error: describeError(error) });
        }
      }
      await sleep(clock, TEND_EVERY_MS, signal);
    }
  }

  #heard(channel: string, event: CourierEvent): void {
    const key = `alert-channel-down:${channel}`;
    const refusedKey = `alert-refused:${channel}`;
    switch (event.kind) {
      case "told":
        this.#deliveries.inc({ channel, outcome: "told" });
        this.clear(key);
        this.clear(refusedKey);
        return;
      case "failing":
        this.#deliveries.inc({ channel, outcome: "failed" });
        if (event.forMs < CHANNEL_DOWN_AFTER_MS) return;
        this.raise({
          key,
          severity: "critical",
          summary: `Alerts do not reach ${channel} for more than ${CHANNEL_DOWN_AFTER_MS / 1000} s: ${event.problem}`,
          nextStep: event.nextStep,
        });
        return;
      case "refused":
        this.#deliveries.inc({ channel, outcome: "refused" });
        this.raise({
          key: refusedKey,
          severity: "warning",
          summary: `${channel} refuses an alert for good: ${event.problem}`,
          nextStep: event.nextStep,
        });
        return;
      case "resting":
        this.clear(key);
        this.clear(refusedKey);
        return;
      default:
        event satisfies never;
    }
  }

  #ledgerState(problem: { readonly message: string; readonly nextStep: string } | undefined): void {
    const key = "alert-ledger-unwritable";
    // The book tells this while it is still being made or written: the alert itself comes a turn later.
    this.#options.clock.setTimer(0, () => {
      if (problem === undefined) this.clear(key);
      else this.raise({ key, severity: "warning", summary: problem.message, nextStep: problem.nextStep });
    });
  }

  #changed(): void {
    this.#sync?.ring();
    this.#ringCouriers();
  }

  #ringCouriers(): void {
    for (const courier of this.#couriers) courier.ring();
  }
}
