/** oracle-updater: read -> validate -> decide -> submit -> record. An elizaOS plugin. */
import type { Plugin } from "@elizaos/core";
import { forceUpdateAction, pauseAction, resumeAction } from "./actions/control-actions.ts";
import { pricesAction, statusAction } from "./actions/read-actions.ts";
import { healthRoute } from "./health-route.ts";
import { oracleStateProvider } from "./provider.ts";
import { OracleUpdaterService } from "./service.ts";

export { loadOracleConfig, type OracleConfig } from "./config.ts";
export { botTag, tagOfUpdate, type UpdateTag } from "./fence/tag.ts";
export { oracleEnv } from "./oracle-env.ts";
export { lookAtPool, type PoolPrices } from "./sources/source-look.ts";
export { checkStartup, type StartupReport } from "./startup-check.ts";

const oracleUpdaterPlugin: Plugin = {
  name: "oracle-updater",
  description: "Pushes ETH/USD and elizaOS/USD from Base to the price oracle on Jeju.",
  services: [OracleUpdaterService],
  actions: [statusAction, pricesAction, pauseAction, resumeAction, forceUpdateAction],
  providers: [oracleStateProvider],
  routes: [healthRoute],
};

export default oracleUpdaterPlugin;
