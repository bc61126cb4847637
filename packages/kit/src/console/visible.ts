/** Text from outside on a terminal: whatever stands in it, it neither moves the cursor nor changes what stands beside it. Pure. */

const CONTROL = /\p{Cc}/gu;
/** Marks that reorder or hide text (bidirectional controls, zero-width spaces, tags), line and paragraph separators. */
const HIDDEN = /[\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One line: control characters become pictures of themselves, hidden marks are dropped, a tab is a space. */
export function visibleText(text: string): string {
  return text.toWellFormed().replaceAll("\t", " ").replaceAll(HIDDEN, "").replaceAll(CONTROL, pictureOf);
}

function pictureOf(character: string): string {
  const code = character.charCodeAt(0);
  // https://www.unicode.org/charts/PDF/U2400.pdf: a picture for each C0 control and for DEL, none for C1.
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : `\\x${code.toString(16)}`;
}

/** JSON that a terminal shows as it is: JSON escapes C0 alone. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(CONTROL, escapeOf).replaceAll(HIDDEN, escapeOf);
}

function escapeOf(character: string): string {
  const units = Array.from({ length: character.length }, (_, unit) => character.charCodeAt(unit));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
