/**
 * Two copies of one alert become one: the store's and an agent's, or those of two agents that were cut off from each other. The result
 * is the same whichever is named first, and nothing that a channel was told is forgotten. Pure.
 */
import type { Alert, Raiser, Slot } from "./alert.ts";
import { leftOver, settle } from "./episode.ts";

/** Only for copies with the same fingerprint. */
export function merge(a: Alert, b: Alert): Alert {
  if (a.episode !== b.episode) {
    const [older, newer] = a.episode < b.episode ? [a, b] : [b, a];
    return { ...newer, slots: mergeEach(leftOver(older), newer.slots, laterSlot) };
  }
  const words =
    a.wordedAtMs > b.wordedAtMs || (a.wordedAtMs === b.wordedAtMs && a.summary >= b.summary) ? a : b;
  const care = laterCare(a, b);
  const { acknowledged: _before, ...rest } = words;
  return settle({
    ...rest,
    ...(care.acknowledged === undefined ? {} : { acknowledged: care.acknowledged }),
    acknowledgementAtMs: care.acknowledgementAtMs,
    raisers: mergeEach(a.raisers, b.raisers, laterRaiser),
    startedAtMs: Math.min(a.startedAtMs, b.startedAtMs),
    returns: Math.max(a.returns, b.returns),
    slots: mergeEach(a.slots, b.slots, laterSlot),
  });
}

/** Whether they say the same; the nonce only tells who wrote. */
export function saySame(a: Alert, b: Alert): boolean {
  return canonical(a) === canonical(b);
}

function canonical(alert: Alert): string {
  const sorted = (record: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(
    sorted({ ...alert, nonce: "", raisers: sorted(alert.raisers), slots: sorted(alert.slots) }),
  );
}

function laterCare(a: Alert, b: Alert): Alert {
  if (a.acknowledgementAtMs !== b.acknowledgementAtMs)
    return a.acknowledgementAtMs > b.acknowledgementAtMs ? a : b;
  return (a.acknowledged?.by ?? "") >= (b.acknowledged?.by ?? "") ? a : b;
}

function laterRaiser(a: Raiser, b: Raiser): Raiser {
  if (a.atMs !== b.atMs) return a.atMs > b.atMs ? a : b;
  return (a.endedAtMs ?? 0) >= (b.endedAtMs ?? 0) ? a : b;
}

const SLOT_RANK = { sending: 0, dead: 1, sent: 2 } as const satisfies Record<Slot["state"], number>;

/** What was sent is never forgotten for what was only begun. */
function laterSlot(a: Slot, b: Slot): Slot {
  if (a.state !== b.state) return SLOT_RANK[a.state] > SLOT_RANK[b.state] ? a : b;
  if (a.atMs !== b.atMs) return a.atMs > b.atMs ? a : b;
  return a.shown >= b.shown ? a : b;
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
