/** What is told by the clock, and the watch that it tells of. */
export { scheduleEnv } from "./schedule-env.ts";
export { type ScheduleOptions, startSchedule } from "./start-schedule.ts";
export { SampleFile } from "./watch/sample-file.ts";
export { Watch, type Watched } from "./watch/watch.ts";
