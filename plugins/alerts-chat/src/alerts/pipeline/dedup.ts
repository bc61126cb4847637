/** Drops what a channel was told already, by whichever agent: the slots of the record say so. */
import type { Alert } from "../alert.ts";
import { callOf, rankOf, SEVERITIES, slotsOn } from "../slots.ts";
import type { Notice, NoticeEntry, PipelineInput, Stage } from "./notice.ts";

/** What a channel refused for good is tried once more after this, or after a restart: somebody may have mended it. */
const RETRY_REFUSED_MS = 3_600_000;

export const dedup: Stage = (notices, input) => notices.filter((notice) => !isTold(notice, input));

function isTold({ kind, what, entries: [entry], escalation }: Notice, input: PipelineInput): boolean {
  if (entry === undefined) return true;
  if (kind === "edit") return entry.alert.slots[entry.slot]?.shown === entry.shows;
  return what === "main" ? isMainTold(entry, input) : isCallTold(entry.alert, escalation, input);
}

/** A milder alert than was told is no news; a worse one is. */
function isMainTold({ alert }: NoticeEntry, input: PipelineInput): boolean {
  return slotsOn(alert, input.outlet.id).some(({ name, slot }) => {
    if (name.leftOverFrom !== undefined) return false;
    const severity = SEVERITIES.find((each) => each === name.what);
    if (severity === undefined) return false;
    const covers = alert.resolvedAtMs !== undefined || rankOf(severity) <= rankOf(alert.severity);
    return covers && (slot.state === "sent" || isRefused(alert, slot, input));
  });
}

function isCallTold(alert: Alert, escalation: number, input: PipelineInput): boolean {
  return slotsOn(alert, input.outlet.id).some(
    ({ name, slot }) =>
      name.leftOverFrom === undefined &&
      callOf(name) >= escalation &&
      (slot.state === "sent" || isRefused(alert, slot, input)),
  );
}

function isRefused(
  alert: Alert,
  { state, atMs }: Alert["slots"][string],
  { nowMs, startedAtMs }: PipelineInput,
): boolean {
  if (state !== "dead") return false;
  return alert.resolvedAtMs !== undefined || (atMs >= startedAtMs && nowMs - atMs < RETRY_REFUSED_MS);
}
