/** Times of day as a port. The real one is node-cron, in this process; tests fire by hand. */
import type { Logger } from "@jeju-oracle/kit";
import { schedule, validateDetailed } from "node-cron";

export interface CronWish {
  /** For the log. */
  readonly name: string;
  readonly expression: string;
  /** IANA name, such as `Europe/Berlin`. */
  readonly timezone: string;
  /** Told the time that the expression names, ms since the epoch: hosts whose clocks differ a little are told the same. */
  readonly run: (scheduledAtMs: number) => void;
}

export interface Cron {
  /** Calls `run` at each time that the expression names. Returns a function that ends it and its timer. */
  schedule(wish: CronWish): () => void;
}

/** A host that was busy or asleep at the time still does what it missed, when it is no later than this. */
const LATE_TOLERANCE_MS = 600_000;

export function nodeCron(logger: Logger): Cron {
  return {
    schedule({ name, expression, timezone, run }) {
      const task = schedule(expression, ({ date }) => run(date.getTime()), {
        name,
        timezone,
        missedExecutionTolerance: LATE_TOLERANCE_MS,
        logger: {
          debug: (message) => logger.debug(`node-cron: ${textOf(message)}`),
          info: (message) => logger.info(`node-cron: ${message}`),
          warn: (message) => logger.warn(`node-cron: ${message}`),
          error: (message) => logger.error(`node-cron: ${textOf(message)}`),
        },
      });
      return () => void task.destroy();
    },
  };
}

/** What is wrong with an expression, or undefined. Five fields: what runs each second is no report for people. */
export function cronProblem(expression: string): string | undefined {
  if (expression.trim().split(/\s+/).length !== 5) return "needs five fields: minute hour day month weekday";
  // node-cron writes every range out: one up to 10^8 would keep this process busy for a minute.
  if (/\d{3}/.test(expression)) return "holds a number of more than two digits";
  const { valid, errors } = validateDetailed(expression);
  return valid
    ? undefined
    : `has a wrong ${errors.map(({ field }) => WORD_BY_FIELD[field] ?? field).join(" and ")}`;
}

const WORD_BY_FIELD: Readonly<Record<string, string>> = {
  dayOfMonth: "day of the month",
  dayOfWeek: "weekday",
  expression: "character",
};

function textOf(message: string | Error): string {
  return message instanceof Error ? message.message : message;
}
