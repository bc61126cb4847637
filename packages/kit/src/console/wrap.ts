/** A line of spans on a terminal of a certain width. Breaks between words; what has to be copied in one piece is never broken. Pure. */
import type { ConsoleSpan } from "./protocol.ts";
import { visibleText } from "./visible.ts";

export type SpanPaint = (kind: ConsoleSpan["kind"], text: string) => string;

/** A line that goes on is told from a new one. */
const CONTINUATION = "  ";

/** What stands together without a space. */
interface Word {
  readonly spacesBefore: number;
  text: string;
  painted: string;
}

/** @param columns Infinity: as long as it is. */
export function wrapSpans(
  spans: readonly ConsoleSpan[],
  columns: number,
  paint: SpanPaint,
): readonly string[] {
  const lines: string[] = [];
  let line = "";
  let width = 0;
  for (const { spacesBefore, text, painted } of wordsOf(spans, paint)) {
    const wordWidth = Bun.stringWidth(text);
    const isFirst = lines.length === 0 && width === 0;
    if (!isFirst && width + spacesBefore + wordWidth > columns) {
      lines.push(line);
      line = CONTINUATION + painted;
      width = CONTINUATION.length + wordWidth;
      continue;
    }
    line += " ".repeat(spacesBefore) + painted;
    width += spacesBefore + wordWidth;
  }
  return [...lines, line];
}

function wordsOf(spans: readonly ConsoleSpan[], paint: SpanPaint): readonly Word[] {
  const words: Word[] = [];
  let spaces = 0;
  let isOpen = false;
  const add = (kind: ConsoleSpan["kind"], text: string) => {
    const last = words.at(-1);
    if (isOpen && last !== undefined) {
      last.text += text;
      last.painted += paint(kind, text);
    } else words.push({ spacesBefore: spaces, text, painted: paint(kind, text) });
    spaces = 0;
    isOpen = true;
  };
  for (const { kind, text } of spans) {
    const shown = visibleText(text);
    for (const piece of kind === "code" ? [shown] : shown.split(/( +)/)) {
      if (piece === "") continue;
      if (kind === "code" || !piece.startsWith(" ")) add(kind, piece);
      else {
        spaces += piece.length;
        isOpen = false;
      }
    }
  }
  return words;
}
