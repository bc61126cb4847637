/**
 * What an observation, a person or a death makes of an alert. Pure: every function takes the alert as it is and the time, and returns
 * it as it shall be. Times only decide order; an entry that changes gets a later one even when the clock stands or jumps back.
 */
import type { Alert, Observation, Raiser, Slot } from "./alert.ts";
import { EXTERNAL, ruleOf } from "./rules/rules.ts";
import { decodeSlot, encodeSlot, rankOf, SEVERITIES } from "./slots.ts";

/** What comes back within this is the same trouble: its message is edited, nobody is called again. */
const FLAP_WINDOW_MS = 120_000;
/** What an outside system repeats is noted this often: what it stopped repeating is forgotten one day; see gone-raisers.ts. */
const REPEAT_NOTED_AFTER_MS = 3_600_000;
/** Messages of earlier episodes that still wait to be shown as ended. */
const MAX_LEFT_OVER = 10;

/** Later than `previousMs`, and the time now when that is later still. */
function after(previousMs: number, nowMs: number): number {
  return Math.max(nowMs, previousMs + 1);
}

/** @returns undefined when there is nothing to remember: something ended that never began. */
export function observe(
  previous: Alert | undefined,
  seen: Observation,
  nowMs: number,
  nonce: string,
): Alert | undefined {
  if (!seen.holds) return previous === undefined ? undefined : endRaiser(previous, seen.raiser, nowMs, nonce);
  if (previous === undefined) return begin(seen, 1, {}, nowMs, nonce);
  if (previous.resolvedAtMs !== undefined) return comeBack(previous, seen, nowMs, nonce);
  const own = previous.raisers[seen.raiser];
  if (own !== undefined && own.endedAtMs === undefined && own.severity === seen.severity) {
    if (ruleOf(seen.rule).id !== EXTERNAL.id || nowMs - own.atMs < REPEAT_NOTED_AFTER_MS) return previous;
    return {
      ...previous,
      raisers: { ...previous.raisers, [seen.raiser]: raiserOf(seen, own, nowMs) },
      nonce,
    };
  }
  const isWorse = rankOf(seen.severity) < rankOf(previous.severity);
  return settle({
    ...previous,
    ...(isWorse || own !== undefined ? wording(seen, previous.wordedAtMs, nowMs) : {}),
    raisers: { ...previous.raisers, [seen.raiser]: raiserOf(seen, own, nowMs) },
    nonce,
  });
}

/** One raiser no longer sees it, or (`isGone`) is gone. */
export function endRaiser(alert: Alert, raiser: string, nowMs: number, nonce: string, isGone = false): Alert {
  const own = alert.raisers[raiser];
  if (own === undefined || own.endedAtMs !== undefined) return alert;
  const ended: Raiser = {
    ...own,
    endedAtMs: nowMs,
    atMs: after(own.atMs, nowMs),
    ...(isGone ? { isGone } : {}),
  };
  return settle({ ...alert, raisers: { ...alert.raisers, [raiser]: ended }, nonce });
}

/** Somebody takes care of it, or (undefined) does not after all. */
export function acknowledge(alert: Alert, by: string | undefined, nowMs: number, nonce: string): Alert {
  const atMs = after(alert.acknowledgementAtMs, nowMs);
  const { acknowledged: _before, ...rest } = alert;
  const acknowledged = by === undefined ? {} : { acknowledged: { by, atMs } };
  return { ...rest, ...acknowledged, acknowledgementAtMs: atMs, nonce };
}

/** A channel was told of that episode, or is being told. When the alert has begun anew meanwhile, it is a left-over of the new one. */
export function tell(alert: Alert, episode: number, slotKey: string, slot: Slot, nonce: string): Alert {
  const name = decodeSlot(slotKey);
  const isLeftOver = name !== undefined && episode !== alert.episode && name.leftOverFrom === undefined;
  const key = isLeftOver ? encodeSlot({ ...name, leftOverFrom: episode }) : slotKey;
  const before = alert.slots[key];
  const atMs = before === undefined ? slot.atMs : after(before.atMs, slot.atMs);
  const sent = slot.state === "sent" ? { sentAtMs: before?.sentAtMs ?? atMs } : {};
  return { ...alert, slots: { ...alert.slots, [key]: { ...slot, ...sent, atMs } }, nonce };
}

/** What follows from the raisers alone, or two copies could not agree: the end, and the severity at the end or now. */
export function settle(alert: Alert): Alert {
  const raisers = Object.values(alert.raisers);
  const active = raisers.filter(({ endedAtMs }) => endedAtMs === undefined);
  const { resolvedAtMs: _before, ...rest } = alert;
  if (active.length > 0) return { ...rest, severity: worstOf(active) ?? alert.severity };
  const resolvedAtMs = Math.max(...raisers.map(({ endedAtMs }) => endedAtMs ?? 0));
  const last = raisers.filter(({ endedAtMs }) => endedAtMs === resolvedAtMs);
  return { ...rest, severity: worstOf(last) ?? alert.severity, resolvedAtMs };
}

function worstOf(raisers: readonly Raiser[]): Alert["severity"] | undefined {
  return SEVERITIES.find((severity) => raisers.some((raiser) => raiser.severity === severity));
}

function begin(
  seen: Observation,
  episode: number,
  slots: Record<string, Slot>,
  nowMs: number,
  nonce: string,
): Alert {
  const raiser = raiserOf(seen, undefined, nowMs);
  const isEvent = ruleOf(seen.rule).kind === "event";
  return settle({
    fingerprint: seen.fingerprint,
    episode,
    nonce,
    rule: seen.rule,
    ...(seen.botId === undefined ? {} : { botId: seen.botId }),
    severity: seen.severity,
    ...wording(seen, 0, nowMs),
    raisers: { [seen.raiser]: isEvent ? { ...raiser, endedAtMs: nowMs } : raiser },
    startedAtMs: nowMs,
    returns: 0,
    acknowledgementAtMs: 0,
    slots,
  });
}

/** An event that is told again is the same event. What nobody was told of goes on as it was; else it is a new episode. */
function comeBack(previous: Alert, seen: Observation, nowMs: number, nonce: string): Alert {
  if (ruleOf(seen.rule).kind === "event") return previous;
  // After a clock was set back nobody knows how long it was over: a person is told anew.
  const isFlap = Math.abs(nowMs - (previous.resolvedAtMs ?? 0)) < FLAP_WINDOW_MS;
  const wasTold = Object.entries(previous.slots).some(
    ([key, { state }]) => state !== "dead" && decodeSlot(key)?.leftOverFrom === undefined,
  );
  if (!isFlap && wasTold) return begin(seen, previous.episode + 1, leftOver(previous), nowMs, nonce);
  const own = previous.raisers[seen.raiser];
  return settle({
    ...previous,
    ...wording(seen, previous.wordedAtMs, nowMs),
    returns: previous.returns + 1,
    raisers: { ...previous.raisers, [seen.raiser]: raiserOf(seen, own, nowMs) },
    nonce,
  });
}

/** Messages of an ended episode that do not yet show that it ended. */
export function leftOver({ slots, episode }: Alert): Record<string, Slot> {
  const waiting = Object.entries(slots).flatMap(([key, slot]): [string, Slot][] => {
    const name = decodeSlot(key);
    if (name === undefined || slot.message === undefined || slot.shown === "resolved") return [];
    return [[encodeSlot({ ...name, leftOverFrom: name.leftOverFrom ?? episode }), slot]];
  });
  const latest = waiting.sort(([keyA, a], [keyB, b]) => b.atMs - a.atMs || (keyA < keyB ? -1 : 1));
  return Object.fromEntries(latest.slice(0, MAX_LEFT_OVER));
}

function raiserOf(seen: Observation, before: Raiser | undefined, nowMs: number): Raiser {
  const wasActive = before !== undefined && before.endedAtMs === undefined;
  return {
    severity: seen.severity,
    sinceMs: wasActive ? before.sinceMs : nowMs,
    atMs: before === undefined ? nowMs : after(before.atMs, nowMs),
  };
}

function wording({ summary, nextStep, runbook }: Observation, previousMs: number, nowMs: number) {
  const words = { summary, nextStep, wordedAtMs: after(previousMs, nowMs) };
  return runbook === undefined ? words : { ...words, runbook };
}
