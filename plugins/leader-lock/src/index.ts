/** leader-lock: who may push. An elizaOS plugin; in this version every agent leads, and the fence on chain decides. */
import type { Plugin } from "@elizaos/core";
import { LeadershipService } from "./service.ts";

export { type LeaderLockConfig, leaderLockEnv, loadLeaderLockConfig } from "./config.ts";

const leaderLockPlugin: Plugin = {
  name: "leader-lock",
  description: "Tells whether this agent may push prices.",
  services: [LeadershipService],
};

export default leaderLockPlugin;
