/** Text on its way from or to a model: without secrets, links and invisible characters, and never longer than asked for. Pure. */
import { scrubSecrets } from "@jeju-oracle/kit";
import { type Line, type OutboundMessage, plainLine } from "../conversation/outbound.ts";

/** Control, format and private characters could hide a secret from the scrubbing, or words from the reader. */
const INVISIBLE = /[^\P{C}\n]/gu;
/** A link's address can carry what the model was shown to wherever it points. */
const LINK = /\b(?:[a-z][a-z0-9+.-]*:\/\/|www\.|t\.me\/|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\/)\S*/giu;

const LONGEST_SAID = 1_500;
const MOST_LINES = 20;

/** `text` without what nobody sees, and without registered secrets. Scrubbed before it is cut: half a secret is one as well. */
export function wordsOf(text: string, longest: number): string {
  return scrubSecrets(text.replaceAll(INVISIBLE, "")).trim().slice(0, longest).toWellFormed();
}

/** As {@link wordsOf}, on one line and without links. */
export function phraseOf(text: string, longest: number): string {
  return wordsOf(withoutLinks(text).replaceAll(/\s+/g, " "), longest);
}

/** What a model said, as a message: plain lines, nothing in them is special, and no buttons. */
export function saying(text: string): OutboundMessage {
  const lines = wordsOf(withoutLinks(text), LONGEST_SAID)
    .split("\n")
    .map((one) => one.trimEnd())
    .filter((one) => one !== "")
    .slice(0, MOST_LINES);
  return { lines: lines.map((one, index) => plainLine(index === 0 ? `🤖 ${one}` : one)) };
}

/** A message as bare text. */
export function textOf({ lines }: OutboundMessage): string {
  return lines.map((spans: Line) => spans.map(({ text }) => text).join("")).join("\n");
}

function withoutLinks(text: string): string {
  return text.replaceAll(INVISIBLE, "").replaceAll(LINK, "[link removed]");
}
