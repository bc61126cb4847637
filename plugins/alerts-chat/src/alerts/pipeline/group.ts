/** Joins notices of one rule into one message, and what stands in one message into one edit. */

import { ruleOf } from "../rules/rules.ts";
import { shownNow, slotsOn } from "../slots.ts";
import type { Notice, NoticeEntry, PipelineInput, Stage } from "./notice.ts";

/** Their codes must fit into one button; see alert-button.ts. */
const MAX_GROUP = 8;

export const group: Stage = (notices, input) => [...joinSends(notices, input), ...joinEdits(notices, input)];

function joinSends(notices: readonly Notice[], { outlet }: PipelineInput): readonly Notice[] {
  const sends = notices.filter(({ kind }) => kind === "send");
  if (outlet.takes === "episodes") return sends;
  const [mains, calls] = [
    sends.filter(({ what }) => what === "main"),
    sends.filter(({ what }) => what !== "main"),
  ];
  const alike = Map.groupBy(mains, ({ severity, entries: [entry] }) => {
    const state = entry?.alert.resolvedAtMs === undefined ? "active" : "ended";
    return `${ruleOf(entry?.alert.rule ?? "").id} ${severity} ${state}`;
  });
  return [...[...alike.values()].flatMap(joinAlike), ...calls];
}

function joinAlike(notices: readonly Notice[]): readonly Notice[] {
  const joined: Notice[] = [];
  for (let first = 0; first < notices.length; first += MAX_GROUP) {
    const some = notices.slice(first, first + MAX_GROUP);
    const [head] = some;
    if (head !== undefined) joined.push({ ...head, entries: some.flatMap(({ entries }) => entries) });
  }
  return joined;
}

function joinEdits(notices: readonly Notice[], input: PipelineInput): readonly Notice[] {
  const byMessage = Map.groupBy(
    notices.filter(({ kind }) => kind === "edit"),
    ({ message }) => message?.messageId,
  );
  if (byMessage.size === 0) return [];
  const cohorts = cohortsOf(input);
  return [...byMessage].flatMap(([messageId, [head]]) =>
    head === undefined || messageId === undefined
      ? []
      : [{ ...head, entries: cohorts.get(messageId) ?? head.entries }],
  );
}

/** By message: everything that stands in it, in the order in which it began. */
function cohortsOf({ alerts, outlet }: PipelineInput): ReadonlyMap<string, readonly NoticeEntry[]> {
  const cohorts = new Map<string, NoticeEntry[]>();
  for (const alert of alerts.toSorted((a, b) => a.startedAtMs - b.startedAtMs)) {
    for (const { key, name, slot } of slotsOn(alert, outlet.id)) {
      if (slot.message === undefined) continue;
      const shows = name.leftOverFrom === undefined ? shownNow(alert) : "resolved";
      const cohort = cohorts.get(slot.message.messageId) ?? [];
      cohort.push({ alert, slot: key, shows });
      cohorts.set(slot.message.messageId, cohort);
    }
  }
  return cohorts;
}
