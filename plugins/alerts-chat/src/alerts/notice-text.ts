/** How an alert reads on a phone at night: what is wrong, what to do, who sees it, who is called. What is not ours is shown as text. */

import { type Button, type Line, line, type OutboundMessage, plainLine } from "../conversation/outbound.ts";
import { runbookNamed } from "../runbooks/index.ts";
import { encodeRunbookButton } from "../runbooks/runbook-button.ts";
import { clockTime, span } from "../words/format.ts";
import { type Alert, codeOf } from "./alert.ts";
import { encodeAlertButton } from "./alert-button.ts";
import type { Notice, NoticeEntry } from "./pipeline/notice.ts";
import { responseTimeMinOf, ruleOf } from "./rules/rules.ts";

export interface NoticeTextOptions {
  /** The agent that tells it without the fleet; see FleetSlots. */
  readonly aloneAs: string | undefined;
  /** Whether people can press buttons there. */
  readonly interactive: boolean;
}

const SIGN = { critical: "🔴", warning: "🟠", info: "🔵" } as const;
const LONGEST_TEXT = 600;
const RUNBOOK_LABEL_LENGTH = 32;

export function noticeMessage(notice: Notice, options: NoticeTextOptions): OutboundMessage {
  const { entries } = notice;
  const [first] = entries;
  if (first === undefined) return { lines: [] };
  const lines = entries.length === 1 ? linesOfOne(first, notice) : linesOfMany(notice);
  const active = entries.filter(({ shows }) => shows.startsWith("active:"));
  const buttons = options.interactive ? buttonsOf(first, active) : [];
  return {
    lines: [...lines, ...aloneLine(options)],
    severity: active.length === 0 && first.shows !== "event" ? "resolved" : first.alert.severity,
    about: aboutOf(entries),
    ...(buttons.length === 0 ? {} : { buttons }),
  };
}

/** The same for every copy of the same news. */
function aboutOf(entries: readonly NoticeEntry[]): string {
  return entries
    .map(({ alert, shows }) => `${codeOf(alert.fingerprint)}-${alert.episode}-${shows}`)
    .join(",");
}

function linesOfOne({ alert, shows }: NoticeEntry, notice: Notice): Line[] {
  const { name } = ruleOf(alert.rule);
  const responseTimeMin = responseTimeMinOf(alert.rule, alert.severity);
  const code = codeOf(alert.fingerprint);
  const summary = plainLine(bounded(alert.summary));
  if (shows === "event") return [line(`${SIGN[alert.severity]} **${name}**`), summary];
  if (shows === "resolved")
    return [overLine(alert, `**${name}**`, ` \`${code}\``), summary, ...endLines(alert)];
  const head = line(`${SIGN[alert.severity]} **${alert.severity.toUpperCase()}** ${name} \`${code}\``);
  const call = callLine(notice);
  const within = responseTimeMin === undefined ? "" : `, respond within ${responseTimeMin} min`;
  return [
    head,
    summary,
    plainLine(`→ ${bounded(alert.nextStep)}`),
    plainLine(`Since ${clockTime(alert.startedAtMs)}${within}; seen by ${seenBy(alert)}`),
    ...(alert.returns === 0
      ? []
      : [plainLine(`Came back ${alert.returns === 1 ? "once" : `${alert.returns} times`}`)]),
    ...(alert.acknowledged === undefined ? call : [plainLine(`✔ ${alert.acknowledged.by} takes care`)]),
  ];
}

/** A repeat says why it is there, also where nobody is on call. */
function callLine({ calls, escalation }: Notice): Line[] {
  if (escalation === 0) return calls === undefined ? [] : [plainLine(`📟 ${calls}`)];
  return [plainLine(`📟 ${calls === undefined ? "" : `${calls}: `}nobody has acknowledged it`)];
}

function linesOfMany(notice: Notice): Line[] {
  const { entries } = notice;
  const [first] = entries;
  if (first === undefined) return [];
  const { name } = ruleOf(first.alert.rule);
  const open = entries.filter(({ shows }) => shows.startsWith("active:")).length;
  const head = open === 0 ? `✅ **${name}** is over` : `${SIGN[first.alert.severity]} **${name}** ×${open}`;
  const members = entries.flatMap(({ alert, shows }) => memberLines(alert, shows));
  return [line(head), ...members, ...(open === 0 ? [] : callLine(notice))];
}

function memberLines(alert: Alert, shows: string): Line[] {
  const over = isLostFromSight(alert) ? "⚪" : "✅";
  const state = shows === "resolved" ? over : alert.acknowledged === undefined ? "•" : "✔";
  return [
    [
      { kind: "text", text: `${state} ` },
      { kind: "code", text: codeOf(alert.fingerprint) },
      { kind: "text", text: ` ${bounded(alert.summary)} (${clockTime(alert.startedAtMs)})` },
    ],
  ];
}

/** To take care of what holds, and to see what to do: also about what is over as soon as it happened. */
function buttonsOf(first: NoticeEntry, active: readonly NoticeEntry[]): readonly (readonly Button[])[] {
  if (first.shows === "event") return runbookRow(first.alert);
  return active.length === 0 ? [] : [careRow(active), ...runbookRow(first.alert)];
}

function careRow(active: readonly NoticeEntry[]): readonly Button[] {
  const codes = active.map(({ alert }) => codeOf(alert.fingerprint));
  const isOpen = active.some(({ alert }) => alert.acknowledged === undefined);
  return [
    isOpen
      ? { label: "Acknowledge", data: encodeAlertButton({ kind: "acknowledge", codes }), style: "primary" }
      : { label: "Release", data: encodeAlertButton({ kind: "unacknowledge", codes }), style: "secondary" },
    { label: "Silence 1 h", data: encodeAlertButton({ kind: "silence", codes }), style: "secondary" },
  ];
}

function runbookRow(alert: Alert): readonly (readonly Button[])[] {
  const id = alert.runbook ?? ruleOf(alert.rule).runbook;
  const runbook = id === undefined ? undefined : runbookNamed(id);
  if (runbook === undefined) return [];
  const label = `Runbook: ${runbook.title}`.slice(0, RUNBOOK_LABEL_LENGTH);
  const data = encodeRunbookButton({ kind: "open", id: runbook.id });
  return [[{ label, data, style: "secondary" }]];
}

function aloneLine({ aloneAs }: NoticeTextOptions): Line[] {
  return aloneAs === undefined ? [] : [plainLine(`(told by ${aloneAs} alone, without the store)`)];
}

/** Whoever saw it is gone: that it is over nobody knows. */
function isLostFromSight({ raisers }: Alert): boolean {
  return Object.values(raisers).every(({ isGone }) => isGone === true);
}

function overLine(alert: Alert, name: string, code: string): Line {
  return line(isLostFromSight(alert) ? `⚪ ${name} is seen by nobody${code}` : `✅ ${name} is over${code}`);
}

function endLines(alert: Alert): Line[] {
  const gone = isLostFromSight(alert)
    ? [plainLine(`${Object.keys(alert.raisers).join(", ")} is silent: it may hold all the same`)]
    : [];
  return [...gone, plainLine(lasted(alert))];
}

function lasted({ startedAtMs, resolvedAtMs, acknowledged }: Alert): string {
  const by = acknowledged === undefined ? "" : `; ${acknowledged.by} took care`;
  return `Lasted ${span((resolvedAtMs ?? startedAtMs) - startedAtMs)}${by}`;
}

function seenBy({ raisers }: Alert): string {
  const names = Object.entries(raisers).flatMap(([name, { endedAtMs }]) =>
    endedAtMs === undefined ? [name] : [],
  );
  return names.length <= 4
    ? names.join(", ")
    : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}

/** Text from outside may be of any length, and may hold lines that look like ours. */
function bounded(text: string): string {
  const single = text.replaceAll(/\s+/g, " ").trim();
  return single.length <= LONGEST_TEXT ? single : `${single.slice(0, LONGEST_TEXT - 1).toWellFormed()}…`;
}
