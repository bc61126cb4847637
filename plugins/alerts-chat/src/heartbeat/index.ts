/** The dead-man's switch's entry. */
export { heartbeatEnv } from "./heartbeat-env.ts";
export { progressLimits } from "./judge-progress.ts";
export { startHeartbeat } from "./start-heartbeat.ts";
