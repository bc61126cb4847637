/** Orders what is left: news before edits, the worst first, then the oldest. What is not urgent waits a moment for its like. */
import { EXTERNAL } from "../rules/rules.ts";
import { rankOf } from "../slots.ts";
import type { Notice, Stage } from "./notice.ts";

/** As Alertmanager's group_wait, for what nobody has to answer at once. */
const GROUP_WAIT_MS = 2_000;

export const deliver: Stage = (notices, { nowMs }) =>
  notices.filter((notice) => isDue(notice, nowMs)).toSorted(byUrgency);

function isDue({ kind, severity, entries }: Notice, nowMs: number): boolean {
  if (kind === "edit" || severity === "critical") return true;
  const beganAtMs = Math.min(...entries.map(({ alert }) => alert.startedAtMs));
  // A clock that was set back must not hold anything up.
  return Math.abs(nowMs - beganAtMs) >= GROUP_WAIT_MS;
}

function byUrgency(a: Notice, b: Notice): number {
  if (a.kind !== b.kind) return a.kind === "send" ? -1 : 1;
  return (
    rankOf(a.severity) - rankOf(b.severity) || outsideLast(a) - outsideLast(b) || beganAtMs(a) - beganAtMs(b)
  );
}

/** The fleet's own does not wait behind thousands that another system reports. */
function outsideLast({ entries: [first] }: Notice): number {
  return first?.alert.rule === EXTERNAL.id ? 1 : 0;
}

function beganAtMs({ entries: [first] }: Notice): number {
  return first?.alert.startedAtMs ?? 0;
}
