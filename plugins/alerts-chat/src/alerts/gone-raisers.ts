/** What an agent saw that is gone, nobody sees any more: its entry in each alert ends. Pure but for the book. */
import type { FleetMember } from "@jeju-oracle/kit";
import { type Alert, isActive } from "./alert.ts";
import type { AlertBook } from "./alert-book.ts";
import { endRaiser } from "./episode.ts";
import { EXTERNAL } from "./rules/rules.ts";

/** Longer than a restart: who comes back tells by itself what still holds. */
const GONE_AFTER_MS = 60_000;
/** An outside system repeats what holds; Alertmanager by default every 4 hours. */
const OUTSIDE_FORGOTTEN_AFTER_MS = 24 * 3_600_000;

export function endGoneRaisers(
  book: AlertBook,
  members: readonly FleetMember[],
  ownId: string,
  nowMs: number,
): void {
  for (const alert of book.all().filter(isActive)) {
    for (const raiser of Object.keys(alert.raisers)) {
      if (raiser === ownId || !isGone(alert, raiser, members, nowMs)) continue;
      book.change(alert.fingerprint, (now) => endRaiser(now, raiser, nowMs, crypto.randomUUID(), true));
    }
  }
}

function isGone(alert: Alert, raiser: string, members: readonly FleetMember[], nowMs: number): boolean {
  if (alert.rule === EXTERNAL.id)
    return nowMs - (alert.raisers[raiser]?.atMs ?? nowMs) > OUTSIDE_FORGOTTEN_AFTER_MS;
  const member = members.find(({ botId }) => botId === raiser);
  if (member === undefined) return false;
  return member.role === "stopped" || (member.silentForMs ?? 0) >= GONE_AFTER_MS;
}
