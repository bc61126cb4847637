/** parse_mode MarkdownV2: https://core.telegram.org/bots/api#markdownv2-style */
import type { Entity, FormattedText } from "./formatted-text.ts";
import { badRequest } from "./refusal.ts";

const TYPE_BY_MARK: Readonly<Record<string, string>> = {
  "*": "bold",
  _: "italic",
  __: "underline",
  "~": "strikethrough",
  "||": "spoiler",
  "`": "code",
  "```": "pre",
};
const RESERVED = new Set(">#+-=|{}.!()]");

export function parseMarkdownV2(source: string): FormattedText {
  let text = "";
  const entities: Entity[] = [];
  const open: { readonly mark: string; readonly offset: number }[] = [];
  for (const [piece] of source.matchAll(/\\[\s\S]|```|`|__|_|\*|~|\|\||\[|\]\([^)]*\)|[\s\S]/gu)) {
    const inCode = open.at(-1)?.mark.startsWith("`") ?? false;
    const isClosing = open.at(-1)?.mark === (piece.startsWith("](") ? "[" : piece);
    if (piece.startsWith("\\") && piece.length > 1) text += piece.slice(1);
    else if (isClosing) {
      const start = open.pop() ?? { mark: piece, offset: 0 };
      const type = TYPE_BY_MARK[start.mark] ?? "text_link";
      if (text.length > start.offset)
        entities.push({ type, offset: start.offset, length: text.length - start.offset });
    } else if (inCode) text += piece;
    else if (piece in TYPE_BY_MARK || piece === "[") open.push({ mark: piece, offset: text.length });
    else if (RESERVED.has(piece[0] ?? ""))
      throw badRequest(
        `can't parse entities: Character '${piece[0]}' is reserved and must be escaped with the preceding '\\'`,
      );
    else text += piece;
  }
  const unclosed = open.pop();
  if (unclosed !== undefined)
    throw badRequest(`can't parse entities: Can't find end of the entity starting at "${unclosed.mark}"`);
  return { text, entities };
}
