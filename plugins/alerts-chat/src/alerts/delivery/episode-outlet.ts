/** PagerDuty as an outlet of alerts: an episode opens an incident, care acknowledges it, its end resolves it. */
import { InvariantError } from "@jeju-oracle/kit";
import type { EpisodeChannel, EpisodeNotice } from "../../conversation/channel.ts";
import type { Notice, NoticeEntry } from "../pipeline/notice.ts";
import { ruleOf } from "../rules/rules.ts";
import { decodeSlot } from "../slots.ts";
import type { OutletPort } from "./outlet-port.ts";

export function episodeOutlet(channel: EpisodeChannel): OutletPort {
  return {
    id: channel.id,
    takes: "episodes",
    async send(notice, signal) {
      const episode = episodeOf(onlyEntry(notice));
      await channel.trigger(episode, signal);
      return { platform: channel.id, chatId: "", messageId: episode.dedupKey };
    },
    async edit(notice, message, signal) {
      const entry = onlyEntry(notice);
      const episode = { ...episodeOf(entry), dedupKey: message.messageId };
      if (entry.shows === "resolved") await channel.resolve(episode, signal);
      else if (entry.alert.acknowledged !== undefined) await channel.acknowledge(episode, signal);
      else await channel.trigger(episode, signal);
      return message;
    },
  };
}

/** Incidents are not grouped; see group.ts. */
function onlyEntry({ entries: [entry] }: Notice): NoticeEntry {
  if (entry === undefined) throw new InvariantError("a notice without an alert");
  return entry;
}

function episodeOf({ alert, slot }: NoticeEntry): EpisodeNotice {
  const { fingerprint, episode, severity, summary, nextStep, rule, botId, raisers } = alert;
  const name = decodeSlot(slot);
  return {
    // Also alone: PagerDuty itself joins what two agents tell of one episode.
    dedupKey: `${fingerprint}#${name?.leftOverFrom ?? episode}`,
    severity,
    summary,
    source: botId ?? Object.keys(raisers).join(", "),
    details: {
      rule: ruleOf(rule).name,
      meaning: ruleOf(rule).meaning,
      nextStep,
      ...(alert.runbook === undefined ? {} : { runbook: alert.runbook }),
    },
  };
}
