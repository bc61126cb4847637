/** For tests, benchmarks and replays only. */
export * from "./captured-log.ts";
export * from "./scaled-clock.ts";
export * from "./simulated-clock.ts";
