/** The PagerDuty channel's entry. */
export { createPagerDutyChannel } from "./pagerduty-channel.ts";
export { pagerDutyEnv } from "./pagerduty-env.ts";
