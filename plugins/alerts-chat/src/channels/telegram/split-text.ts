/**
 * Cuts a text that is too long for one message. Nothing is lost but the white space at a cut. A cut is at the end of a line, else
 * between words, else between characters, and never inside a surrogate pair; inside code only where the code alone is too long.
 */
import { FmtString } from "telegraf/format";
import type { MessageEntity } from "telegraf/types";
import { MAX_ENTITIES, MAX_TEXT_LENGTH } from "./limits.ts";

/** The parts of `whole`, in order, without those that show nothing. */
export function splitText(whole: FmtString, maxLength = MAX_TEXT_LENGTH): readonly FmtString[] {
  const { text, entities = [] } = whole;
  const parts: FmtString[] = [];
  let start = 0;
  while (start < text.length) {
    const end = endOfPart(text, entities, start, maxLength);
    const part = slice(text, entities, start, end);
    if (part.text.trim() !== "") parts.push(part);
    start = text[end] === "\n" || text[end] === " " ? end + 1 : end;
  }
  return parts;
}

/** Where the part that begins at `start` ends, exclusive. */
function endOfPart(
  text: string,
  entities: readonly MessageEntity[],
  start: number,
  maxLength: number,
): number {
  const hardEnd = Math.min(text.length, start + maxLength, endOfEntities(entities, start, text.length));
  if (hardEnd === text.length) return hardEnd;
  const inCode = (position: number) =>
    entities.some(
      ({ type, offset, length }) => type === "code" && offset < position && position < offset + length,
    );
  const isPair = (position: number) =>
    isHighSurrogate(text.charCodeAt(position - 1)) && isLowSurrogate(text.charCodeAt(position));
  const last = (fits: (position: number) => boolean): number | undefined => {
    for (let position = hardEnd; position > start; position--) if (fits(position)) return position;
    return undefined;
  };
  return (
    last((position) => text[position] === "\n" && !inCode(position)) ??
    last((position) => text[position] === " " && !inCode(position)) ??
    last((position) => !inCode(position) && !isPair(position)) ??
    last((position) => text[position] === "\n") ??
    last((position) => !isPair(position)) ??
    hardEnd
  );
}

/** Where the first entity begins that is one too many for a message that begins at `start`. */
function endOfEntities(entities: readonly MessageEntity[], start: number, end: number): number {
  const following = entities.filter(({ offset, length }) => offset + length > start);
  return following[MAX_ENTITIES]?.offset ?? end;
}

function slice(text: string, entities: readonly MessageEntity[], start: number, end: number): FmtString {
  const inside = entities.flatMap((entity) => {
    const from = Math.max(entity.offset, start);
    const to = Math.min(entity.offset + entity.length, end);
    return from < to ? [{ ...entity, offset: from - start, length: to - from }] : [];
  });
  return new FmtString(text.slice(start, end), inside.length > 0 ? inside : undefined);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
