/** Everything that a channel could be told: each alert, the next call for it, and every message of it that can be edited. */
import type { Alert } from "../alert.ts";
import { responseTimeMinOf, ruleOf } from "../rules/rules.ts";
import { callOf, decodeSlot, encodeSlot, shownNow, slotsOn } from "../slots.ts";
import type { Notice, PipelineInput } from "./notice.ts";

/** After everybody on call was named: how often an unacknowledged critical alert is told again. As Alertmanager's repeat_interval. */
const REPEAT_MS = 4 * 3_600_000;

export function candidates(input: PipelineInput): readonly Notice[] {
  return input.alerts
    .filter((alert) => concerns(alert, input))
    .flatMap((alert) => [...sends(alert, input), ...edits(alert, input)]);
}

/** Alone, an agent tells what it has seen itself: what others saw, they tell. An incident has no use for what is over at once. */
function concerns(alert: Alert, { aloneAs, outlet }: PipelineInput): boolean {
  const { kind, id } = ruleOf(alert.rule);
  if (outlet.takes === "episodes" && kind === "event") return false;
  return aloneAs === undefined || id === "external" || alert.raisers[aloneAs] !== undefined;
}

/** What only informs opens no incident: nobody is woken for it. */
function sends(alert: Alert, input: PipelineInput): Notice[] {
  if (input.outlet.takes === "episodes" && alert.severity === "info") return [];
  const main = sendOf(alert, input, alert.severity, 0);
  const call = dueCall(alert, input);
  return call === 0 ? [main] : [main, sendOf(alert, input, `escalation-${call}`, call)];
}

function sendOf(
  alert: Alert,
  { outlet, aloneAs, oncall }: PipelineInput,
  what: string,
  call: number,
): Notice {
  const slot = encodeSlot({ channel: outlet.id, what, alone: aloneAs, leftOverFrom: undefined });
  const isCalled = responseTimeMinOf(alert.rule, alert.severity) !== undefined && oncall.length > 0;
  return {
    kind: "send",
    what: call === 0 ? "main" : "escalation",
    severity: alert.severity,
    // An incident is opened before it is closed.
    entries: [
      { alert, slot, shows: outlet.takes === "episodes" ? `active:${alert.severity}` : shownNow(alert) },
    ],
    escalation: call,
    calls: isCalled ? oncall[call % oncall.length] : undefined,
    message: undefined,
  };
}

/** @returns 0 when nobody is to be called (again). */
function dueCall(alert: Alert, { outlet, nowMs, oncall }: PipelineInput): number {
  const responseTimeMin = responseTimeMinOf(alert.rule, alert.severity);
  if (responseTimeMin === undefined || outlet.takes === "episodes") return 0;
  if (alert.resolvedAtMs !== undefined || alert.acknowledged !== undefined) return 0;
  const { toldAtMs, calledBefore } = toldSoFar(alert);
  if (toldAtMs === undefined) return 0;
  // Who gives it back gives the others their time.
  const waitedMs = nowMs - Math.max(toldAtMs, alert.acknowledgementAtMs);
  const stepMs = responseTimeMin * 60_000;
  const people = Math.max(1, oncall.length - 1);
  const calls = Math.max(0, Math.floor(waitedMs / stepMs));
  const isRepeated = calls > people && alert.severity === "critical";
  const due = isRepeated
    ? people + Math.floor((waitedMs - people * stepMs) / REPEAT_MS)
    : Math.min(calls, people);
  return due === 0 ? 0 : calledBefore + due;
}

/** Since when a channel shows it, and the last call before somebody gave it back: the calls after that go on from there. */
function toldSoFar(alert: Alert): { readonly toldAtMs: number | undefined; readonly calledBefore: number } {
  const told = Object.entries(alert.slots).flatMap(([key, { state, atMs, sentAtMs }]) => {
    const name = decodeSlot(key);
    return state !== "sent" || name === undefined || name.leftOverFrom !== undefined
      ? []
      : [{ atMs: sentAtMs ?? atMs, call: callOf(name) }];
  });
  if (told.length === 0) return { toldAtMs: undefined, calledBefore: 0 };
  const before = told.filter(({ atMs }) => atMs < alert.acknowledgementAtMs);
  return {
    toldAtMs: Math.min(...told.map(({ atMs }) => atMs)),
    calledBefore: Math.max(0, ...before.map(({ call }) => call)),
  };
}

function edits(alert: Alert, { outlet }: PipelineInput): Notice[] {
  return slotsOn(alert, outlet.id).flatMap(({ key, name, slot }) => {
    if (slot.state !== "sent" || slot.message === undefined) return [];
    const shows = name.leftOverFrom === undefined ? shownNow(alert) : "resolved";
    const what = callOf(name) > 0 ? "escalation" : "main";
    const entries = [{ alert, slot: key, shows }];
    const common = { escalation: 0, calls: undefined, severity: alert.severity };
    return [{ kind: "edit" as const, what, entries, message: slot.message, ...common }];
  });
}
