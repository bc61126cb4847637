/**
 * Our spans in Discord's Markdown, so that a reader sees every character of them and nothing in them has an effect:
 * https://support.discord.com/hc/articles/210298617. Discord takes a backslash before any mark for that mark itself.
 */
import type { Line, Span } from "../../conversation/outbound.ts";

const MARKS = /[\\`*_~|<>[\]()#@]|:(?=\/\/|[\w+-]+:)/g;
/** What begins a list when it begins a line. A heading's and a quote's mark are escaped anywhere. */
const LIST_MARK = /^(\s*)(?:([-+])|(\d+)(\.))(?=\s)/gm;
/** Whole up to white space; what closes a sentence is no part of it. */
const WEB_ADDRESS = /https?:\/\/[^\s<>\\]*[^\s<>\\.,:;"'!?)\]}*_~|`]/g;

/** One line in Markdown. */
export function renderLine(line: Line): string {
  return merged(line).map(renderSpan).join("");
}

/** Neighbours of one kind as one span: their marks would otherwise touch and mean something else. */
export function merged(line: Line): readonly Span[] {
  const spans: Span[] = [];
  for (const span of line) {
    if (span.text === "") continue;
    const text = span.text.toWellFormed();
    const previous = spans.at(-1);
    if (previous?.kind === span.kind) spans[spans.length - 1] = { ...previous, text: previous.text + text };
    else spans.push({ ...span, text });
  }
  return spans;
}

export function renderSpan(span: Span): string {
  const { kind, text } = span;
  switch (kind) {
    case "text":
      return escapeWithAddresses(text);
    case "bold":
      return text.trim() === "" ? text : `**${escapeMarks(text)}**`;
    case "code":
      return renderCode(text);
    default:
      return kind satisfies never;
  }
}

/** Inside code nothing can be escaped, so that code with a backtick is shown as text. */
function renderCode(text: string): string {
  if (text.includes("`") || text.trim() === "") return escapeMarks(text);
  return text.includes("\n") ? `\`\`\`\n${text}\n\`\`\`` : `\`${text}\``;
}

function escapeMarks(text: string): string {
  return text
    .replaceAll(MARKS, (mark) => `\\${mark}`)
    .replaceAll(LIST_MARK, (_, indent: string, bullet = "", digits = "", dot = "") =>
      bullet === "" ? `${indent}${digits}\\${dot}` : `${indent}\\${bullet}`,
    );
}

/** A web address stays one that can be followed: between angle brackets, which are not shown, nothing else is a mark. */
function escapeWithAddresses(text: string): string {
  let rendered = "";
  let end = 0;
  for (const match of text.matchAll(WEB_ADDRESS)) {
    rendered += `${escapeMarks(text.slice(end, match.index))}<${match[0]}>`;
    end = match.index + match[0].length;
  }
  return rendered + escapeMarks(text.slice(end));
}
