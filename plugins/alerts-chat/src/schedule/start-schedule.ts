/**
 * What is told by the clock: the daily digest and the reminder of drills. The team's chats are told by one agent of the fleet, each
 * console by its own agent; see telling/turn.ts.
 */
import {
  type Clock,
  type Coordination,
  describeError,
  type Logger,
  type Supervised,
  supervise,
} from "@jeju-oracle/kit";
import type { Channel } from "../conversation/channel.ts";
import type { OutboundMessage } from "../conversation/outbound.ts";
import type { People } from "../people/people.ts";
import { type Cron, nodeCron } from "./cron.ts";
import { digestMessage } from "./digest/digest-text.ts";
import { type DigestSources, drillHistories, gatherFacts } from "./digest/gather-facts.ts";
import { dueDrill, reminderMessage } from "./drill-reminder.ts";
import type { ScheduleConfig } from "./schedule-env.ts";
import { dayOf } from "./telling/day-of.ts";
import { deliver } from "./telling/deliver.ts";
import { takeTurn } from "./telling/turn.ts";
import type { Watch } from "./watch/watch.ts";

export interface ScheduleOptions {
  readonly config: ScheduleConfig;
  readonly botId: string;
  readonly coordination: Coordination;
  readonly channels: readonly Pick<Channel, "id" | "send">[];
  /** As commands have them. */
  readonly sources: DigestSources;
  readonly people: Pick<People, "oncall">;
  readonly watch: Pick<Watch, "run">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: node-cron. */
  readonly cron?: Cron;
}

/** Something that is told at most once a day. */
interface Report {
  readonly what: string;
  /** Of its claims in the store. */
  readonly prefix: string;
  readonly expression: string | undefined;
  /** Undefined: there is nothing to tell. */
  readonly compose: (day: string) => Promise<OutboundMessage | undefined>;
}

/** Reaches nobody but who looks at this agent: it needs no agreement with others. */
const CONSOLE = "console";

/** Begins to sample and to tell. Stopping ends every timer, and what is being sent. */
export function startSchedule(options: ScheduleOptions): Supervised {
  const { config, clock, logger, watch } = options;
  const cron = options.cron ?? nodeCron(logger);
  const stopped = new AbortController();
  const running = new Set<Promise<void>>();
  const ends = reportsOf(options).flatMap((report) => {
    if (report.expression === undefined) return [];
    const { what, expression } = report;
    const begin = (scheduledAtMs: number) => {
      const telling = tell(options, report, scheduledAtMs, stopped.signal)
        .catch((error: unknown) => logger.error(`The ${what} failed`, { error: describeError(error) }))
        .finally(() => running.delete(telling));
      running.add(telling);
    };
    return [cron.schedule({ name: what, expression, timezone: config.SCHEDULE_TIMEZONE, run: begin })];
  });
  const watching = supervise(clock, logger, "Watching the wallet", (signal) => watch.run(signal));
  return {
    async stop() {
      stopped.abort();
      for (const end of ends) end();
      await Promise.all([watching.stop(), ...running]);
    },
  };
}

function reportsOf({ config, sources, people }: ScheduleOptions): readonly Report[] {
  const { view } = sources;
  return [
    {
      what: "daily digest",
      prefix: "digest/",
      expression: config.DAILY_DIGEST_CRON,
      compose: async (day) => digestMessage(await gatherFacts(sources), `Daily digest, ${day}`),
    },
    {
      what: "drill reminder",
      prefix: "drill-reminder/",
      expression: config.DRILL_REMINDER_CRON,
      compose: async () => {
        const nowMs = view.clock.wallMs();
        const due = dueDrill((await drillHistories(view)) ?? [], nowMs);
        return due === undefined ? undefined : reminderMessage(due, nowMs, people.oncall[0]);
      },
    },
  ];
}

async function tell(
  options: ScheduleOptions,
  report: Report,
  scheduledAtMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { botId, coordination, channels, clock, logger, config } = options;
  const day = dayOf(scheduledAtMs, config.SCHEDULE_TIMEZONE);
  const send = async (to: ScheduleOptions["channels"]) => {
    if (to.length === 0) return;
    const message = await report.compose(day);
    if (message === undefined) return;
    const copy = { ...message, about: `${report.prefix}${day}` };
    const sent = await Promise.all(
      to.map((channel) => deliver(channel, copy, report.what, { clock, logger }, signal)),
    );
    if (sent.includes(true))
      logger.info(`The ${report.what} was sent`, { day, channels: to.map(({ id }) => id).join(", ") });
  };
  const ofTeam = channels.filter(({ id }) => id !== CONSOLE);
  const turn = { botId, chatLease: coordination.chatLease, records: coordination.records, clock, logger };
  const sendToTeam = async () => {
    if (ofTeam.length > 0 && (await takeTurn(turn, report.prefix, day, signal))) await send(ofTeam);
  };
  await Promise.all([send(channels.filter(({ id }) => id === CONSOLE)), sendToTeam()]);
}
