/** The PagerDuty channel's entry. */
export { createPagerDutyChannel, type PagerDutyOptions } from "./pagerduty-channel.ts";
export { pagerDutyEnv } from "./pagerduty-env.ts";
