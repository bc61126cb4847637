/** What happened, in order: one line per event of any source. Pure. Times are those of whoever wrote them down. */
import { type Alert, codeOf } from "../alerts/alert.ts";
import { decodeSlot } from "../alerts/slots.ts";
import type { AuditEntry } from "../audit/audit-log.ts";
import { span, usd } from "../words/format.ts";
import type { Incident, LandedPrice, Term } from "./incident.ts";

export interface TimelineEntry {
  readonly atMs: number;
  readonly kind: "alert" | "action" | "leader" | "price";
  /** Who did or saw it; empty when nobody is named. */
  readonly who: string;
  readonly what: string;
}

/** Events within the period, oldest first. */
export function timelineOf(incident: Incident): readonly TimelineEntry[] {
  const { sinceMs, untilMs, alerts, actions, terms, prices } = incident;
  return [
    ...alerts.items.flatMap(alertEntries),
    ...actions.items.map(actionEntry),
    ...terms.items.map(termEntry),
    ...prices.items.map(priceEntry),
  ]
    .filter(({ atMs }) => atMs >= sinceMs && atMs <= untilMs)
    .sort((a, b) => a.atMs - b.atMs);
}

function alertEntries(alert: Alert): TimelineEntry[] {
  const { fingerprint, severity, summary, startedAtMs, resolvedAtMs, acknowledged, raisers, slots } = alert;
  const code = codeOf(fingerprint);
  const entry = (atMs: number, who: string, what: string): TimelineEntry => ({
    atMs,
    kind: "alert",
    who,
    what: `${what} (${code})`,
  });
  const told = new Map<string, number>();
  for (const [key, slot] of Object.entries(slots)) {
    const name = decodeSlot(key);
    if (name === undefined || name.leftOverFrom !== undefined || slot.state !== "sent") continue;
    const what = `${name.channel}${name.what.startsWith("escalation") ? ` as ${name.what}` : ""}`;
    told.set(what, Math.min(slot.atMs, told.get(what) ?? Number.POSITIVE_INFINITY));
  }
  return [
    entry(startedAtMs, Object.keys(raisers).join(", "), `${severity}: ${summary}`),
    ...[...told].map(([what, atMs]) => entry(atMs, "", `told to ${what}`)),
    ...(acknowledged === undefined ? [] : [entry(acknowledged.atMs, acknowledged.by, "acknowledged")]),
    ...(resolvedAtMs === undefined || resolvedAtMs === startedAtMs
      ? []
      : [entry(resolvedAtMs, "", `ended after ${span(resolvedAtMs - startedAtMs)}: ${summary}`)]),
  ];
}

function actionEntry({ at, who, what, action, detail, botId }: AuditEntry): TimelineEntry {
  const subject = action === undefined ? what : `${what} ${action}`;
  return {
    atMs: at,
    kind: "action",
    who,
    what: `${subject}${detail === "" ? "" : `: ${detail}`} (at ${botId})`,
  };
}

function termEntry({ timestamp, term, leader, from, why }: Term): TimelineEntry {
  const before = from === null ? "" : `, after ${from}`;
  return { atMs: timestamp, kind: "leader", who: leader, what: `leads term ${term}${before}: ${why}` };
}

function priceEntry({ atMs, ethUsd8, elizaUsd8, transactionHash, by }: LandedPrice): TimelineEntry {
  const what = `ETH ${usd(ethUsd8)}, elizaOS ${usd(elizaUsd8)} in ${transactionHash}`;
  return { atMs, kind: "price", who: by ?? "sender unknown", what };
}

export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The longest time without a price that landed; the ends of the period count as such. Undefined when no price is known. */
export function longestGap({ sinceMs, untilMs, prices }: Incident): Gap | undefined {
  if (prices.items.length === 0) return undefined;
  const within = prices.items.map(({ atMs }) => atMs).filter((atMs) => atMs >= sinceMs && atMs <= untilMs);
  const times = [sinceMs, ...within.toSorted((a, b) => a - b), untilMs];
  const gaps = times.slice(1).map((toMs, index): Gap => ({ fromMs: times[index] ?? sinceMs, toMs }));
  return gaps.toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))[0];
}

/** Alerts that held at some time of the period, the earliest first. */
export function alertsWithin({ sinceMs, untilMs, alerts }: Incident): readonly Alert[] {
  return alerts.items
    .filter(({ startedAtMs, resolvedAtMs }) => startedAtMs <= untilMs && (resolvedAtMs ?? untilMs) >= sinceMs)
    .toSorted((a, b) => a.startedAtMs - b.startedAtMs);
}
