/** What the plan says, in words that a test can compare. */
import type { Alert } from "../../../src/alerts/alert.ts";
import { tell } from "../../../src/alerts/episode.ts";
import type { Notice, Outlet, PipelineInput } from "../../../src/alerts/pipeline/notice.ts";
import { plan } from "../../../src/alerts/pipeline/pipeline.ts";
import { messageOf, T0 } from "./observations.ts";

const TELEGRAM: Outlet = { id: "telegram", takes: "messages" };
export const PAGERDUTY: Outlet = { id: "pagerduty", takes: "episodes" };

export function inputOf(alerts: readonly Alert[], changes: Partial<PipelineInput> = {}): PipelineInput {
  return {
    outlet: TELEGRAM,
    alerts,
    silences: [],
    nowMs: T0 + 5_000,
    startedAtMs: 0,
    aloneAs: undefined,
    oncall: ["ann", "bob", "cat"],
    ...changes,
  };
}

/** `send telegram/critical`, or `edit 7 → resolved`, most urgent first. */
export function planned(alerts: readonly Alert[], changes: Partial<PipelineInput> = {}): readonly string[] {
  return plan(inputOf(alerts, changes)).map(inWords);
}

function inWords({ kind, entries, message, calls, escalation }: Notice): string {
  const [first] = entries;
  const many = entries.length === 1 ? "" : ` ×${entries.length}`;
  if (kind === "edit") return `edit ${message?.messageId} → ${first?.shows}${many}`;
  return `send ${first?.slot}${many}${escalation > 0 ? ` calling ${calls ?? "nobody"}` : ""}`;
}

/** Plays a channel that takes everything at once, until nothing is left. @returns the alerts as they are then, and what was done. */
export function drain(
  alerts: readonly Alert[],
  changes: Partial<PipelineInput> = {},
): { readonly alerts: readonly Alert[]; readonly done: readonly string[] } {
  const byFingerprint = new Map(alerts.map((alert) => [alert.fingerprint, alert]));
  const done: string[] = [];
  for (let turn = 0; turn < 10_000; turn++) {
    const input = inputOf([...byFingerprint.values()], changes);
    const [notice] = plan(input);
    if (notice === undefined) return { alerts: input.alerts, done };
    done.push(inWords(notice));
    const message = notice.message ?? messageOf(nextId(input.alerts));
    for (const { alert: planned, slot, shows } of notice.entries) {
      const alert = byFingerprint.get(planned.fingerprint) ?? planned;
      const told = { state: "sent", by: "bot-1", atMs: input.nowMs, shown: shows, message } as const;
      byFingerprint.set(alert.fingerprint, tell(alert, alert.episode, slot, told, crypto.randomUUID()));
    }
  }
  throw new Error(`never done: ${done.slice(-5).join("; ")}`);
}

function nextId(alerts: readonly Alert[]): string {
  const ids = alerts.flatMap(({ slots }) =>
    Object.values(slots).map(({ message }) => Number(message?.messageId ?? 0)),
  );
  return String(1 + Math.max(0, ...ids));
}
