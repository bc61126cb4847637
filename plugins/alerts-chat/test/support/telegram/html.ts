/** parse_mode HTML: https://core.telegram.org/bots/api#html-style */
import type { Entity, FormattedText } from "./formatted-text.ts";
import { badRequest } from "./refusal.ts";

const TYPE_BY_TAG: Readonly<Record<string, string>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  u: "underline",
  ins: "underline",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  "tg-spoiler": "spoiler",
  span: "spoiler",
  a: "text_link",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
};
const CHARACTERS: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

export function parseHtml(source: string): FormattedText {
  let text = "";
  const entities: Entity[] = [];
  const open: { readonly tag: string; readonly offset: number }[] = [];
  for (const [piece] of source.matchAll(/<[^>]*>?|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);|[^<&]+|&/gi)) {
    if (!piece.startsWith("<")) {
      text += decoded(piece);
      continue;
    }
    const [, slash, name = ""] = /^<(\/?)([a-z-]+)(?:\s[^>]*)?>$/i.exec(piece) ?? [];
    const tag = name.toLowerCase();
    const type = TYPE_BY_TAG[tag];
    if (type === undefined) throw badRequest(`can't parse entities: Unsupported start tag "${piece}"`);
    if (slash === "") {
      open.push({ tag, offset: text.length });
      continue;
    }
    const start = open.pop();
    if (start?.tag !== tag) throw badRequest(`can't parse entities: Unmatched end tag "${piece}"`);
    if (text.length > start.offset)
      entities.push({ type, offset: start.offset, length: text.length - start.offset });
  }
  const unclosed = open.pop();
  if (unclosed !== undefined)
    throw badRequest(`can't parse entities: Can't find end tag corresponding to start tag "${unclosed.tag}"`);
  return { text, entities };
}

function decoded(piece: string): string {
  const [, body = ""] = /^&(.+);$/.exec(piece) ?? [];
  if (body === "") return piece;
  if (body.startsWith("#x")) return String.fromCodePoint(Number.parseInt(body.slice(2), 16));
  if (body.startsWith("#")) return String.fromCodePoint(Number(body.slice(1)));
  return CHARACTERS[body.toLowerCase()] ?? piece;
}
