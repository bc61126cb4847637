/**
 * Leadership without an election: this agent may always act, and there is no fleet to speak to. Two such agents on one oracle do
 * not harm each other, because an update lands only if its decision saw the last one (the fence), but both spend requests on it.
 */
import type {
  ChatLeasePort,
  Coordination,
  FleetControl,
  FleetMember,
  FleetView,
  Leadership,
  LeadershipGrant,
  LeadershipRefusal,
  LeadershipStatus,
  SharedRecords,
} from "@jeju-oracle/kit";
import type { Registry } from "prom-client";
import { aloneCoordination } from "./coordination.ts";
import { IntentRefusedError } from "./intents/errors.ts";
import { createLeadershipMetrics } from "./metrics.ts";

/** Term of an agent that was never elected. */
const NO_TERM = 0;

export class Standalone implements Leadership, FleetView, Coordination {
  readonly control = control;
  readonly records: SharedRecords;
  readonly chatLease: ChatLeasePort;
  readonly #botId: string;
  #draining = false;

  constructor(botId: string, metrics: Registry) {
    this.#botId = botId;
    const { records, chatLease } = aloneCoordination(botId);
    this.records = records;
    this.chatLease = chatLease;
    createLeadershipMetrics(metrics, {
      isLeader: () => !this.#draining,
      term: () => NO_TERM,
      expiresInS: () => 0,
      membersAlive: () => 1,
      priceDivergenceBps: () => 0,
      storeReachable: () => false,
    });
  }

  /** Granted until {@link stop}: nothing can take the lead away, so any `minRemainingMs` is covered. */
  guard(_minRemainingMs: number, _priceAgeMs?: number): LeadershipGrant | LeadershipRefusal {
    return this.#draining
      ? { granted: false, leaderId: undefined, reason: "draining" }
      : { granted: true, as: "standalone", term: NO_TERM };
  }

  leadershipStatus(): LeadershipStatus {
    const leaderId = this.#draining ? undefined : this.#botId;
    return { role: "standalone", term: NO_TERM, leaderId, validForMs: undefined };
  }

  /** Refuses from now on: the agent is stopping. Idempotent. */
  async stopLeading(): Promise<void> {
    this.#draining = true;
  }

  /** There is nothing else to end. Idempotent. */
  async stop(): Promise<void> {
    await this.stopLeading();
  }

  members(): readonly FleetMember[] {
    return [];
  }

  storeReachable(): boolean {
    return false;
  }

  storeShared(): boolean {
    return false;
  }
}

const control: FleetControl = {
  failover: () => refuse("a failover"),
  forceLeader: () => refuse("a new leader"),
  pause: () => refuse("a pause of the fleet"),
  resume: () => refuse("a resume of the fleet"),
  restart: () => refuse("a restart"),
  set: () => refuse("an override"),
  approve: () => refuse("an approval"),
};

function refuse(what: string): Promise<never> {
  return Promise.reject(
    new IntentRefusedError(
      `${what} needs a fleet, and election is off here`,
      "Set LEADER_ELECTION_ENABLED=true and LEADER_LOCK_URL on every host.",
    ),
  );
}
