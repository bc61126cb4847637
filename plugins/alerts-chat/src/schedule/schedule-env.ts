/** The variables of what is told by the clock: each with its default and source. */
import { defineEnv, type EnvValues } from "@jeju-oracle/kit";
import { z } from "zod";
import { cronProblem } from "./cron.ts";

const OFF = "off";

export const scheduleEnv = defineEnv({
  DAILY_DIGEST_CRON: {
    schema: cronOrOff(),
    about:
      "When the team's chats are told how the fleet is, at most once a day: a cron expression of five fields, or `off`.",
    example: "0 8 * * *",
    default: "0 8 * * *",
    source: "https://nodecron.com/cron-syntax",
  },
  DRILL_REMINDER_CRON: {
    schema: cronOrOff(),
    about:
      "When the team is reminded of a drill that is due, at most once a day: as above. The default is Monday.",
    example: "0 9 * * 1",
    default: "0 9 * * 1",
    source: "seed: Testing Failover",
  },
  SCHEDULE_TIMEZONE: {
    schema: z.string().refine(isTimezone, "must be the name of a time zone, such as UTC or Europe/Berlin"),
    about: "Time zone of these times.",
    example: "Europe/Berlin",
    default: "UTC",
    source: "https://www.iana.org/time-zones",
  },
});

export type ScheduleConfig = EnvValues<typeof scheduleEnv>;

/** Undefined when it is off. */
function cronOrOff() {
  return z.string().transform((text, context): string | undefined => {
    if (text.trim().toLowerCase() === OFF) return undefined;
    const problem = cronProblem(text);
    if (problem !== undefined)
      context.addIssue({ code: "custom", message: `${problem}; or set it to ${OFF}` });
    return text;
  });
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
