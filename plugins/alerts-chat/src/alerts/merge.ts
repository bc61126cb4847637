/**
 * Two copies of one alert become one: the store's and an agent's, or those of two agents that were cut off from each other. The result
 * is the same whichever is named first, and nothing that a channel was told is forgotten. Pure.
 */
import type { Alert, Raiser, Slot } from "./alert.ts";
import { endRaiser, leftOver, observe, settle } from "./episode.ts";

/** Only for copies with the same fingerprint. */
export function merge(a: Alert, b: Alert): Alert {
  if (a.episode !== b.episode) {
    const [older, newer] = a.episode < b.episode ? [a, b] : [b, a];
    return { ...newer, slots: mergeEach(leftOver(older), newer.slots, laterSlot) };
  }
  const words = later(a, b, ({ wordedAtMs }) => wordedAtMs, wordsOf);
  const { acknowledged: _before, ...rest } = words;
  return settle({
    ...rest,
    ...careOf(laterCare(a, b)),
    raisers: mergeEach(a.raisers, b.raisers, laterRaiser),
    startedAtMs: Math.min(a.startedAtMs, b.startedAtMs),
    returns: Math.max(a.returns, b.returns),
    slots: mergeEach(a.slots, b.slots, laterSlot),
  });
}

/**
 * An episode that began on an agent which did not know the record, brought into the record: as if it had been observed there. Where it
 * was over for longer than a flap that is a new episode, also when both have the same number: somebody must hear of it.
 */
export function graft(record: Alert, own: Alert): Alert {
  let alert = record;
  for (const [raiser, { severity, sinceMs, endedAtMs }] of Object.entries(own.raisers)) {
    const { fingerprint, rule, botId, summary, nextStep, runbook } = own;
    const seen = { fingerprint, rule, botId, severity, summary, nextStep, runbook, raiser, holds: true };
    // Brought in already, by a write whose answer was lost.
    const isKnown = alert.raisers[raiser]?.sinceMs === sinceMs;
    if (!isKnown) alert = observe(alert, seen, sinceMs, own.nonce) ?? alert;
    if (endedAtMs !== undefined) alert = endRaiser(alert, raiser, endedAtMs, own.nonce);
  }
  const { acknowledged: _before, ...rest } = alert;
  return {
    ...rest,
    ...careOf(laterCare(alert, own)),
    slots: mergeEach(alert.slots, own.slots, laterSlot),
  };
}

/** Whether they say the same; the nonce only tells who wrote. */
export function saySame(a: Alert, b: Alert): boolean {
  return canonical({ ...a, nonce: "" }) === canonical({ ...b, nonce: "" });
}

/** The same text for the same content, whatever the order of keys: a copy that was read has another than one that was made. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part !== "object" || part === null || Array.isArray(part)
      ? part
      : Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  );
}

function wordsOf({ summary, nextStep, runbook, rule, botId }: Alert): string {
  return canonical([summary, nextStep, runbook, rule, botId]);
}

/** When both are of one time, any will do that is the same whichever is named first. */
function later<Value>(
  a: Value,
  b: Value,
  atMsOf: (value: Value) => number,
  textOf: (value: Value) => string,
): Value {
  if (atMsOf(a) !== atMsOf(b)) return atMsOf(a) > atMsOf(b) ? a : b;
  return textOf(a) >= textOf(b) ? a : b;
}

function careOf({ acknowledged, acknowledgementAtMs }: Alert) {
  return acknowledged === undefined ? { acknowledgementAtMs } : { acknowledgementAtMs, acknowledged };
}

function laterCare(a: Alert, b: Alert): Alert {
  if (a.acknowledgementAtMs !== b.acknowledgementAtMs)
    return a.acknowledgementAtMs > b.acknowledgementAtMs ? a : b;
  return (a.acknowledged?.by ?? "") >= (b.acknowledged?.by ?? "") ? a : b;
}

/** An end outranks what began in the same moment. */
function laterRaiser(a: Raiser, b: Raiser): Raiser {
  if (a.atMs === b.atMs && (a.endedAtMs === undefined) !== (b.endedAtMs === undefined))
    return a.endedAtMs === undefined ? b : a;
  return later(a, b, ({ atMs }) => atMs, canonical);
}

const SLOT_RANK = { sending: 0, dead: 1, sent: 2 } as const satisfies Record<Slot["state"], number>;

/** What was sent is never forgotten for what was only begun. */
function laterSlot(a: Slot, b: Slot): Slot {
  if (a.state !== b.state) return SLOT_RANK[a.state] > SLOT_RANK[b.state] ? a : b;
  return later(a, b, ({ atMs }) => atMs, canonical);
}

function mergeEach<Value>(
  a: Readonly<Record<string, Value>>,
  b: Readonly<Record<string, Value>>,
  pick: (a: Value, b: Value) => Value,
): Record<string, Value> {
  const merged: Record<string, Value> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const other = merged[key];
    merged[key] = other === undefined ? value : pick(other, value);
  }
  return merged;
}
