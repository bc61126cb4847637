/** Metrics of leadership. The name is that of the alert rule in use: do not rename. */
import { Counter, type Registry } from "prom-client";

/** Registers the counter of elections that failed, which stays 0 without an election: its alert rule must find it. */
export function createElectionFailures(registry: Registry): Counter {
  return new Counter({
    name: "oracle_leader_election_failures_total",
    help: "Elections that failed.",
    registers: [registry],
  });
}
