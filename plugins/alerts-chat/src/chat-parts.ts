/** The conversation of one agent, assembled from its ports. */
import { join } from "node:path";
import { BaseError, describeError, type Logger, type Supervised, supervise } from "@jeju-oracle/kit";
import { CONTROL_ACTIONS } from "./actions/index.ts";
import type { SystemView } from "./actions/system-view.ts";
import { type AgentViewPorts, agentView } from "./agent-view.ts";
import type { AlertCenter } from "./alerts/alert-center.ts";
import { RefusalAlarm } from "./alerts/watches/refusal-alarm.ts";
import { AuditCopy } from "./audit/audit-copy.ts";
import { AuditLog } from "./audit/audit-log.ts";
import { openChannels } from "./channels/open-channels.ts";
import type { ChatConfig } from "./chat-env.ts";
import { pressAlert } from "./commands/alerts/press-alert.ts";
import type { CommandContext } from "./commands/command.ts";
import { runAsAction } from "./commands/eliza-actions.ts";
import { COMMANDS } from "./commands/index.ts";
import { Router } from "./commands/router.ts";
import { Confirmations } from "./confirm/confirmations.ts";
import { ProposalBook } from "./confirm/proposal-book.ts";
import { TotpGuard } from "./confirm/totp-guard.ts";
import { Chat } from "./conversation/chat.ts";
import { progressLimits, startHeartbeat } from "./heartbeat/index.ts";
import { freeText } from "./model/free-text.ts";
import { mayAs } from "./people/people.ts";
import type { PeopleKeeper } from "./people/people-keeper.ts";
import { pressRunbook } from "./runbooks/press-runbook.ts";
import { startSchedule } from "./schedule/start-schedule.ts";
import { SampleFile } from "./schedule/watch/sample-file.ts";
import { Watch } from "./schedule/watch/watch.ts";

export interface ChatParts {
  readonly chat: Chat;
  readonly context: CommandContext;
  /** Starts what runs beside the conversation: reports by the clock, the dead-man's switch. */
  readonly startBeside: () => readonly Supervised[];
}

export interface ChatPorts extends AgentViewPorts {
  readonly config: ChatConfig;
  readonly people: PeopleKeeper;
  readonly alerts: AlertCenter;
}

/** Builds it; nothing is heard before `chat.start()`. Alerts are told from now on, also where no audit can be kept. */
export function buildChat(ports: ChatPorts): ChatParts {
  const { runtime, agent, config, coordination, people, alerts } = ports;
  const { botId, stateDir, clock, logger } = agent;
  const { records, chatLease } = coordination;
  const view = agentView(ports);
  const copy = new AuditCopy({ clock, logger });
  const auditPath = join(stateDir, `audit-${botId}.jsonl`);
  const audit = new AuditLog(auditPath, botId, clock, (entry) => copy.hear(entry));
  sayIfUnwritable(audit, logger);
  const actions = new Map(CONTROL_ACTIONS.map((action) => [action.id, action]));
  const book = new ProposalBook(records);
  const { channels, episodes, isHome } = openChannels({
    config,
    stateDir,
    botId,
    chatLease,
    records,
    clock,
    logger,
    alerts,
  });
  const desk = alerts.connect({
    coordination,
    members: () => view.members(),
    leadership: () => view.leadership(),
    channels,
    episodes,
    oncall: () => people.oncall,
    audit,
  });
  const alarm = new RefusalAlarm(alerts, clock);
  const refused = (who: string, command: string, why: string) => {
    alarm.refused(who, command);
    try {
      audit.write({ who, what: "refused", action: command, detail: why });
    } catch (error) {
      // A refusal stands also when it cannot be written down.
      logger.error("A refusal could not be written down", { error: describeError(error) });
    }
  };
  const confirmations = new Confirmations({
    view,
    actions,
    people,
    book,
    totp: new TotpGuard(records, clock),
    audit,
    clock,
    logger,
    botId,
    get incarnation() {
      return ownIncarnation(view) ?? `${botId}-${process.pid}`;
    },
    isAlive: ({ botId: executor, incarnation }) =>
      view.members().some((member) => {
        return member.botId === executor && member.incarnation === incarnation && member.alive;
      }),
    changed: (proposal) => chat.showCard(proposal),
  });
  const router: Router = new Router({
    commands: COMMANDS,
    run: (command, args, asking) => runAsAction(runtime, command, args, asking),
    people,
    clock,
    logger,
    refused,
    freeText: (message, asking) => answerFreeText(message, asking),
  });
  const chat: Chat = new Chat({
    channels,
    router,
    confirmations,
    book: records.available ? book : undefined,
    actions,
    looksAfter: () => chatLease.holds() || view.leadership()?.role === "leader",
    pressOther: async (press) =>
      (await pressAlert({ alerts: desk, people, refused }, press)) ??
      (await pressRunbook({ view, proposals: chat, people }, press)),
    isHome,
    clock,
    logger,
  });
  const answerFreeText = freeText({
    runtime,
    commands: COMMANDS,
    actions,
    answer: (message) => router.answer(message),
    proposals: chat,
    refused,
    clock,
    logger,
  });
  const watch = new Watch({
    snapshot: view.snapshot,
    leadership: view.leadership,
    alerts,
    clock,
    logger,
    metrics: agent.metrics,
    file: new SampleFile(join(stateDir, `hourly-${botId}.jsonl`)),
  });
  const context: CommandContext = {
    view,
    proposals: chat,
    people,
    alerts: desk,
    watch,
    audit,
    commandsFor: (role) =>
      COMMANDS.filter(
        (command) => command.role === "viewer" || (role !== undefined && allows(role, command.role)),
      ),
  };
  const schedule = { config, botId, coordination, channels, sources: context, people, watch, clock, logger };
  return {
    chat,
    context,
    startBeside: () => [
      copy.start(channels),
      startSchedule(schedule),
      supervise(clock, logger, "The alarm over refusals", (signal) => alarm.run(signal)),
      ...heartbeatOf(ports, view),
    ],
  };
}

/** What needs an audit fails when it is asked for; by then somebody should know. */
function sayIfUnwritable(audit: AuditLog, logger: Logger): void {
  try {
    audit.open();
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    logger.error("Nothing can be confirmed here", { error: error.message, nextStep: error.nextStep });
  }
}

function heartbeatOf({ agent, config, alerts }: ChatPorts, view: SystemView): readonly Supervised[] {
  const url = config.HEARTBEAT_URL;
  if (url === undefined) return [];
  const { clock, env, logger } = agent;
  return [
    startHeartbeat({
      url,
      intervalMs: config.HEARTBEAT_PING_INTERVAL_S * 1000,
      limits: progressLimits(env),
      snapshot: () => view.snapshot(),
      pipelineProgressMs: () => alerts.progressAtMs,
      alerts,
      clock,
      logger,
      random: Math.random,
    }),
  ];
}

function allows(role: Parameters<typeof mayAs>[1], needed: Parameters<typeof mayAs>[1]): boolean {
  return mayAs({ id: "", role, telegram: undefined, discord: undefined, totp: undefined }, needed);
}

function ownIncarnation(view: SystemView): string | undefined {
  return view.members().find((member) => member.botId === view.botId && member.pid === process.pid)
    ?.incarnation;
}
