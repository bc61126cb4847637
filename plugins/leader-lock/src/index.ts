/** leader-lock: who may push. An elizaOS plugin: leases over a coordination store, the fleet's members, operators' intents. */
import type { Plugin } from "@elizaos/core";
import { CoordinationService, FleetService, LeadershipService } from "./service.ts";

export { loadLeaderLockConfig } from "./config.ts";
export type { FleetReport, MemberEntry } from "./fleet/fleet-report.ts";
export type { HistoryEntry } from "./fleet/history.ts";
export { withAllFields } from "./fleet/membership.ts";
export { type FleetOffice, openFleetOffice } from "./fleet-office.ts";
export { candidateNamed, heldLease, runningMember } from "./intents/candidacy.ts";
export { leaderLockEnv } from "./leader-env.ts";

const leaderLockPlugin: Plugin = {
  name: "leader-lock",
  description: "Elects one leader among the agents of a fleet and passes on what operators ask of it.",
  services: [LeadershipService, FleetService, CoordinationService],
};

export default leaderLockPlugin;
