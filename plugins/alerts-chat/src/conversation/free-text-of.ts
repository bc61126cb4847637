/** What of a text is for a model. A model takes its time, so channels do not let commands wait behind such a text. Pure. */

/** `/ask words`, where a platform hands a bot nothing but commands. */
const ASKING = /^\/ask(?:@\w+)?(?:\s+([\s\S]*))?$/i;

/** @returns the words, which may be none; undefined for a command. */
export function freeTextOf(text: string): string | undefined {
  const trimmed = text.trim();
  const asked = ASKING.exec(trimmed);
  if (asked !== null) return asked[1] ?? "";
  return trimmed.startsWith("/") ? undefined : trimmed;
}
