/** Our words without any registered secret, whatever put it there: an error, an alert from outside, a person's own text. */
import { createHash } from "node:crypto";
import { scrubSecrets } from "@jeju-oracle/kit";
import type { EpisodeNotice } from "./channel.ts";
import type { Button, Line, OutboundMessage } from "./outbound.ts";

/** `message` as it may leave the process. */
export function messageWithoutSecrets(message: OutboundMessage): OutboundMessage {
  const { lines, buttons, attachment } = message;
  return {
    ...message,
    lines: lines.map(cleanLine),
    ...(buttons === undefined ? {} : { buttons: buttons.map(cleanRow) }),
    ...(attachment === undefined
      ? {}
      : { attachment: { name: scrubSecrets(attachment.name), text: scrubSecrets(attachment.text) } }),
  };
}

/** `episode` as it may leave the process. The same episode keeps the same key. */
export function episodeWithoutSecrets(episode: EpisodeNotice): EpisodeNotice {
  const { dedupKey, summary, source, details } = episode;
  return {
    ...episode,
    dedupKey: isClean(dedupKey) ? dedupKey : createHash("sha256").update(dedupKey).digest("hex"),
    summary: scrubSecrets(summary),
    source: scrubSecrets(source),
    details: Object.fromEntries(
      Object.entries(details).map(([name, text]) => [scrubSecrets(name), scrubSecrets(text)]),
    ),
  };
}

function cleanLine(line: Line): Line {
  const clean = line.map((span) => ({ ...span, text: scrubSecrets(span.text) }));
  const whole = clean.map(({ text }) => text).join("");
  // What reads as a secret only across its spans loses its marks with it.
  return isClean(whole) ? clean : [{ kind: "text", text: scrubSecrets(whole) }];
}

/** What a button carries has to come back as it is: with a secret in it, it does not go out. */
function cleanRow(row: readonly Button[]): readonly Button[] {
  return row
    .filter(({ data }) => isClean(data))
    .map((button) => ({ ...button, label: scrubSecrets(button.label) }));
}

function isClean(text: string): boolean {
  return scrubSecrets(text) === text;
}
