/** Kit: what every plugin and the agent share. A leaf: it imports no package of this workspace. */
export * from "./agent-context.ts";
export * from "./clock.ts";
export * from "./config.ts";
export * from "./errors.ts";
export * from "./log.ts";
export * from "./metrics.ts";
export type * from "./ports/alert-sink.ts";
export type * from "./ports/confirmation-gate.ts";
export type * from "./ports/coordination.ts";
export type * from "./ports/coordination-store.ts";
export type * from "./ports/fleet-control.ts";
export type * from "./ports/fleet-view.ts";
export * from "./ports/leadership.ts";
export * from "./ports/oracle-control.ts";
export * from "./secret.ts";
export * from "./services.ts";
export * from "./store-errors.ts";
export * from "./supervise.ts";
