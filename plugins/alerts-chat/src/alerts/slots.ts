/**
 * Slots: what each channel was told of an alert, one message each. Their names are
 * `<channel>/<critical|warning|info|escalation-n>`, with `@<bot id>` behind it when an agent sent it alone, and with `<episode>~` before
 * it when it is left over from an earlier time and only waits to be shown as ended.
 */
import type { Alert, Slot } from "./alert.ts";
import { ruleOf } from "./rules/rules.ts";

export const SEVERITIES = ["critical", "warning", "info"] as const;

export interface SlotName {
  readonly channel: string;
  /** `critical`, …, `escalation-1`. */
  readonly what: string;
  /** Who sent it alone, while the store was out of reach. */
  readonly alone: string | undefined;
  /** The earlier episode that it belongs to. */
  readonly leftOverFrom: number | undefined;
}

export function encodeSlot({ channel, what, alone, leftOverFrom }: SlotName): string {
  return `${leftOverFrom === undefined ? "" : `${leftOverFrom}~`}${channel}/${what}${alone === undefined ? "" : `@${alone}`}`;
}

const PATTERN = /^(?:(\d+)~)?([a-z-]+)\/([a-z0-9-]+)(?:@(.+))?$/;

/** There are few names and many alerts, and a plan looks at all of them. */
const decoded = new Map<string, SlotName | undefined>();
const MAX_DECODED = 1_000;

/** @returns undefined for a name of another version. */
export function decodeSlot(name: string): SlotName | undefined {
  if (decoded.has(name)) return decoded.get(name);
  const slot = readSlot(name);
  if (decoded.size >= MAX_DECODED) decoded.clear();
  decoded.set(name, slot);
  return slot;
}

function readSlot(name: string): SlotName | undefined {
  const [, episode, channel, what, alone] = PATTERN.exec(name) ?? [];
  if (channel === undefined || what === undefined) return undefined;
  return { channel, what, alone, leftOverFrom: episode === undefined ? undefined : Number(episode) };
}

/** Which call it is: 1 for `escalation-1`; 0 for the alert itself. */
export function callOf({ what }: SlotName): number {
  return Number(/^escalation-(\d+)$/.exec(what)?.[1] ?? 0);
}

/** What a message of this alert should show now. */
export function shownNow(alert: Alert): string {
  if (ruleOf(alert.rule).kind === "event") return "event";
  if (alert.resolvedAtMs !== undefined) return "resolved";
  const returned = alert.returns === 0 ? "" : `:returned-${alert.returns}`;
  const acknowledged = alert.acknowledged === undefined ? "" : `:acknowledged-by-${alert.acknowledged.by}`;
  return `active:${alert.severity}${returned}${acknowledged}`;
}

export interface NamedSlot {
  readonly key: string;
  readonly name: SlotName;
  readonly slot: Slot;
}

/** Slots of one channel. */
export function slotsOn(alert: Alert, channel: string): readonly NamedSlot[] {
  return Object.entries(alert.slots).flatMap(([key, slot]) => {
    const name = decodeSlot(key);
    return name === undefined || name.channel !== channel ? [] : [{ key, name, slot }];
  });
}

export function rankOf(severity: Alert["severity"]): number {
  return SEVERITIES.indexOf(severity);
}
