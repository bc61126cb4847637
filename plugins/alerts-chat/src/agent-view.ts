/** The system as this agent sees it, for commands, actions and runbooks. Ports are asked anew each time: plugins start in any order. */
import type { IAgentRuntime } from "@elizaos/core";
import {
  type AgentContext,
  type Coordination,
  type FleetControl,
  type FleetView,
  findPort,
} from "@jeju-oracle/kit";
import type { SystemView } from "./actions/system-view.ts";
import { createOwnerOffice } from "./owner/chain-owner-office.ts";

export interface AgentViewPorts {
  readonly runtime: IAgentRuntime;
  readonly agent: AgentContext;
  readonly coordination: Coordination;
  readonly fleet: FleetView & FleetControl;
}

export function agentView({ runtime, agent, coordination, fleet }: AgentViewPorts): SystemView {
  const { botId, clock, logger, env } = agent;
  const { records } = coordination;
  return {
    botId,
    clock,
    logger,
    snapshot: () => findPort(runtime, "oracle-updater")?.snapshot(),
    leadership: () => findPort(runtime, "leadership")?.leadershipStatus(),
    members: () => fleet.members(),
    storeReachable: () => fleet.storeReachable(),
    storeShared: () => fleet.storeShared(),
    fleet: records.available ? fleet : undefined,
    records: records.available ? records : undefined,
    owner: createOwnerOffice(env, clock),
  };
}
