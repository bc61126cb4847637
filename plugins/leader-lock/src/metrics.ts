/** Metrics of leadership. The first three are those of the dashboards and alert rules in use: do not rename. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

const STORE_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3];

/** What is read when somebody asks. */
export interface LeadershipReadings {
  readonly isLeader: () => boolean;
  readonly term: () => number;
  /** Seconds that the lease of this agent still covers; 0 when it does not lead. */
  readonly expiresInS: () => number;
  readonly membersAlive: () => number;
  readonly priceDivergenceBps: () => number;
  readonly storeReachable: () => boolean;
}

export type LeadershipMetrics = ReturnType<typeof createLeadershipMetrics>;

/** Registers every metric of this plugin. */
export function createLeadershipMetrics(registry: Registry, readings: LeadershipReadings) {
  const live = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  live("oracle_is_leader", "1 while this agent leads, or acts without an election.", () =>
    Number(readings.isLeader()),
  );
  live("oracle_leader_term", "Highest term that this agent knows of.", readings.term);
  live(
    "oracle_leader_lease_expires_seconds",
    "Seconds for which this agent still leads.",
    readings.expiresInS,
  );
  live("oracle_fleet_members_alive", "Members that report, this agent included.", readings.membersAlive);
  live(
    "oracle_fleet_price_divergence_bps",
    "Largest distance between the source prices of two living members.",
    readings.priceDivergenceBps,
  );
  live("oracle_store_reachable", "1 while the coordination store answers.", () =>
    Number(readings.storeReachable()),
  );
  return {
    electionFailures: new Counter({
      name: "oracle_leader_election_failures_total",
      help: "Leaderships lost and claims given up because the store did not answer.",
      registers: [registry],
    }),
    elections: new Counter({
      name: "oracle_leader_elections_total",
      help: "Elections that this agent won, by why the lease was free.",
      labelNames: ["how"],
      registers: [registry],
    }),
    demotions: new Counter({
      name: "oracle_leader_demotions_total",
      help: "Ends of this agent's leaderships.",
      labelNames: ["voluntary"],
      registers: [registry],
    }),
    storeDuration: new Histogram({
      name: "oracle_store_request_duration_seconds",
      help: "Duration of requests to the coordination store.",
      labelNames: ["operation"],
      buckets: STORE_BUCKETS_S,
      registers: [registry],
    }),
    defects: new Counter({
      name: "oracle_leadership_defects_total",
      help: "Errors within the election that nobody expected; it went on. Each is a defect.",
      registers: [registry],
    }),
    storeFailures: new Counter({
      name: "oracle_store_request_failures_total",
      help: "Requests to the coordination store that failed or timed out.",
      labelNames: ["operation"],
      registers: [registry],
    }),
  };
}
