/**
 * Cuts a message into parts of at most Discord's length. Nothing is lost but the white space at a cut. A cut is at the end of a
 * line, else between words, else between characters, never inside a surrogate pair; code is cut only when it alone is too long.
 */
import type { Line, Span } from "../../conversation/outbound.ts";
import { MAX_CONTENT_LENGTH } from "./limits.ts";
import { merged, renderLine, renderSpan } from "./markdown.ts";

/** The parts of `lines` in Markdown, in their order, without those that show nothing. */
export function splitLines(lines: readonly Line[], maxLength = MAX_CONTENT_LENGTH): readonly string[] {
  const parts: string[] = [];
  let current = "";
  for (const line of lines) {
    const whole = renderLine(line);
    const joined = current === "" ? whole : `${current}\n${whole}`;
    if (joined.length <= maxLength) {
      current = joined;
      continue;
    }
    parts.push(current);
    const pieces = whole.length <= maxLength ? [whole] : splitLine(line, maxLength);
    parts.push(...pieces.slice(0, -1));
    current = pieces.at(-1) ?? "";
  }
  parts.push(current);
  return parts.filter((part) => part.trim() !== "");
}

function splitLine(line: Line, maxLength: number): readonly string[] {
  const parts: string[] = [];
  let current = "";
  for (const span of merged(line)) {
    let rest = span;
    while (rest.text !== "") {
      const end = endOfFit(rest, maxLength - current.length);
      const isWhole = end === rest.text.length;
      const fitsAlone = rest.kind === "code" && renderSpan(rest).length <= maxLength;
      if (current !== "" && !isWhole && (end === 0 || fitsAlone)) {
        parts.push(current);
        current = "";
        continue;
      }
      const taken = end === 0 ? firstCharacter(rest.text) : end;
      current += renderSpan({ ...rest, text: rest.text.slice(0, taken) });
      rest = { ...rest, text: isWhole ? "" : rest.text.slice(taken).trimStart() };
      if (isWhole) continue;
      parts.push(current);
      current = "";
    }
  }
  return [...parts, current];
}

/** How much of the span's text fits into `room` once rendered: up to a space in the second half of that, else all of it. */
function endOfFit(span: Span, room: number): number {
  const { text } = span;
  const fits = (end: number) => renderSpan({ ...span, text: text.slice(0, end) }).length <= room;
  if (fits(text.length)) return text.length;
  let end = 0;
  let tooFar = text.length;
  while (tooFar - end > 1) {
    const middle = (end + tooFar) >> 1;
    if (fits(middle)) end = middle;
    else tooFar = middle;
  }
  const space = text.lastIndexOf(" ", end);
  if (space > end / 2) return space;
  return isPair(text, end) ? end - 1 : end;
}

function firstCharacter(text: string): number {
  return isPair(text, 1) ? 2 : 1;
}

/** Whether a cut at `position` would halve a character. */
function isPair(text: string, position: number): boolean {
  const before = text.charCodeAt(position - 1);
  const after = text.charCodeAt(position);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}
