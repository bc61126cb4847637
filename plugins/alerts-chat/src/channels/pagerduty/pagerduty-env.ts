/** The variables of the PagerDuty channel: each with its default and source. */
import { defineEnv, envTypes, Secret } from "@jeju-oracle/kit";
import { z } from "zod";

/** Every variable this channel reads. The channel is off without a key. */
export const pagerDutyEnv = defineEnv({
  PAGERDUTY_ROUTING_KEY: {
    schema: z
      .string()
      .regex(/^[0-9A-Za-z]{32}$/, "must be a service's integration key: 32 letters and digits")
      .transform((text) => new Secret(text))
      .optional(),
    about: "Integration key (Events API v2) of the PagerDuty service that wakes the team.",
    example: "the-32-characters-of-the-integration-key",
    source: "https://support.pagerduty.com/main/docs/services-and-integrations",
    secret: true,
  },
  PAGERDUTY_EVENTS_URL: {
    schema: envTypes.url("https", "http"),
    about: "Where PagerDuty takes events: another region, or a proxy.",
    example: "https://events.eu.pagerduty.com/v2/enqueue",
    default: "https://events.pagerduty.com/v2/enqueue",
    source: "https://developer.pagerduty.com/docs/send-alert-event",
  },
});
