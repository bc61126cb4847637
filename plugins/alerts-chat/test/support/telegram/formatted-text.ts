/** The checks and changes that the Bot API applies to the text of a message: https://core.telegram.org/bots/api#formatting-options */
import { parseHtml } from "./html.ts";
import { parseMarkdownV2 } from "./markdown-v2.ts";
import { nested, type Parameters, text as textOf } from "./parameters.ts";
import { badRequest } from "./refusal.ts";

export interface Entity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
}

export interface FormattedText {
  readonly text: string;
  readonly entities: readonly Entity[];
}

const MAX_LENGTH = 4096;
const MAX_ENTITIES = 100;

export function formattedText(parameters: Parameters): FormattedText {
  const raw = textOf(parameters, "text");
  if (!raw.isWellFormed()) throw badRequest("strings must be encoded in UTF-8");
  const formatted = trimmed(parsed(raw, parameters));
  if (formatted.text === "") throw badRequest("message text is empty");
  if (formatted.text.length > MAX_LENGTH) throw badRequest("message is too long");
  return formatted;
}

function parsed(raw: string, parameters: Parameters): FormattedText {
  switch (textOf(parameters, "parse_mode").toLowerCase()) {
    case "":
      return { text: raw, entities: checkedEntities(raw, nested(parameters, "entities")) };
    case "html":
      return parseHtml(raw);
    case "markdownv2":
      return parseMarkdownV2(raw);
    default:
      throw badRequest("unsupported parse_mode");
  }
}

function checkedEntities(raw: string, given: unknown): readonly Entity[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw badRequest("can't parse entities: expected an Array");
  for (const { type, offset, length } of given as Entity[]) {
    if (typeof type !== "string") throw badRequest("can't parse entities: type expected");
    const isWithin = Number.isInteger(offset) && offset >= 0 && length > 0 && offset + length <= raw.length;
    if (!isWithin) throw badRequest("ENTITY_BOUNDS_INVALID");
    for (const edge of [offset, offset + length])
      if (/[\udc00-\udfff]/.test(raw[edge] ?? ""))
        throw badRequest("can't parse entities: an entity begins or ends in the middle of a UTF-16 symbol");
  }
  // What is too much is dropped without a word.
  return (given as Entity[]).slice(0, MAX_ENTITIES);
}

function trimmed({ text, entities }: FormattedText): FormattedText {
  const lead = text.length - text.trimStart().length;
  const clean = text.trim();
  return {
    text: clean,
    entities: entities.flatMap((entity) => {
      const from = Math.max(0, entity.offset - lead);
      const to = Math.min(clean.length, entity.offset + entity.length - lead);
      return from < to ? [{ ...entity, offset: from, length: to - from }] : [];
    }),
  };
}
