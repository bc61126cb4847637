/** Text from outside on one line. Pure. */

/** Control characters, marks that hide or reorder text, separators of lines and paragraphs, lone surrogates, white space. */
const BREAKS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu;

/** @returns `text` with each run of such characters as one space, at most `maxLength` UTF-16 units; empty for undefined. */
export function singleLine(text: string | undefined, maxLength: number): string {
  if (text === undefined) return "";
  // What is cut off anyway is not looked at: a label may be as long as the whole request.
  const clean = text
    .slice(0, maxLength * 4)
    .replaceAll(BREAKS, " ")
    .trim();
  if (clean.length <= maxLength && text.length <= maxLength * 4) return clean;
  return `${clean
    .slice(0, maxLength - 1)
    .replace(/\p{Cs}$/u, "")
    .trimEnd()}…`;
}
