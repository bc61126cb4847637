/** Events as PagerDuty takes them: https://developer.pagerduty.com/docs/send-alert-event. Pure. */
import { createHash } from "node:crypto";
import type { EpisodeNotice } from "../../conversation/channel.ts";

export type EventAction = "trigger" | "acknowledge" | "resolve";

const MAX_SUMMARY_LENGTH = 1_024;
const MAX_DEDUP_KEY_LENGTH = 255;
const MAX_SOURCE_LENGTH = 255;
/** An event has at most 512 KB; no detail of ours needs more. */
const MAX_DETAIL_LENGTH = 4_096;
const SEVERITY_BY_OURS = { critical: "critical", warning: "warning", info: "info" } as const;

/** The event without its routing key. Only a trigger says what it is about: the key is enough for the others. */
export function eventOf(action: EventAction, episode: EpisodeNotice) {
  const common = { event_action: action, dedup_key: dedupKeyOf(episode.dedupKey) };
  if (action !== "trigger") return common;
  return {
    ...common,
    payload: {
      summary: cut(episode.summary, MAX_SUMMARY_LENGTH),
      source: cut(episode.source, MAX_SOURCE_LENGTH),
      severity: SEVERITY_BY_OURS[episode.severity],
      custom_details: Object.fromEntries(
        Object.entries(episode.details).map(([name, text]) => [name, cut(text, MAX_DETAIL_LENGTH)]),
      ),
    },
  };
}

/** A key that is too long becomes its hash, which is as good as the key: cut off, two episodes could be one. */
function dedupKeyOf(key: string): string {
  return key.length <= MAX_DEDUP_KEY_LENGTH ? key : createHash("sha256").update(key).digest("hex");
}

function cut(text: string, maxLength: number): string {
  const whole = text.toWellFormed();
  return whole.length <= maxLength ? whole : `${whole.slice(0, maxLength - 1).toWellFormed()}…`;
}
