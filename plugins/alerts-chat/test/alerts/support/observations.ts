/** Alerts made the way the agent makes them: by observing. */
import type { Alert, Observation, Slot } from "../../../src/alerts/alert.ts";
import { observe, tell } from "../../../src/alerts/episode.ts";

/** Noon of some day, ms since the epoch. */
export const T0 = 1_700_000_000_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** What bot-1 sees of trouble of the whole fleet. */
export function seen(changes: Partial<Observation> = {}): Observation {
  const rule = changes.rule ?? "source-rejected";
  return {
    fingerprint: rule,
    rule,
    botId: undefined,
    severity: "warning",
    summary: "the feed answered 0",
    nextStep: "Look at the feed.",
    runbook: undefined,
    raiser: "bot-1",
    holds: true,
    ...changes,
  };
}

/** What `botId` sees of trouble of its own. */
export function seenBy(botId: string, rule: string, changes: Partial<Observation> = {}): Observation {
  return seen({ fingerprint: `${rule}@${botId}`, rule, botId, raiser: botId, ...changes });
}

/** The same, over. */
export function over(observation: Observation): Observation {
  return { ...observation, holds: false };
}

/** @throws when there is nothing to remember. */
export function observed(previous: Alert | undefined, observation: Observation, nowMs: number): Alert {
  const alert = observe(previous, observation, nowMs, crypto.randomUUID());
  if (alert === undefined) throw new Error("nothing is remembered");
  return alert;
}

export function slot(changes: Partial<Slot> = {}): Slot {
  return { state: "sent", by: "bot-1", atMs: T0, shown: "active:warning", ...changes };
}

export function messageOf(messageId: string): NonNullable<Slot["message"]> {
  return { platform: "telegram", chatId: "team", messageId };
}

/** The alert after a channel was told of it as it stands. */
export function told(alert: Alert, slotKey: string, changes: Partial<Slot> = {}): Alert {
  return tell(alert, alert.episode, slotKey, slot(changes), crypto.randomUUID());
}
