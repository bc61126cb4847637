/** Suggestions for a command that does not exist. */

const SUGGESTED = 3;

/** Up to three known names, the nearest first; those that share nothing with `word` are left out. */
export function suggestions(word: string, known: readonly string[]): readonly string[] {
  return known
    .map((name) => ({ name, distance: distanceOf(word, name) }))
    .filter(
      ({ name, distance }) => distance <= Math.max(2, Math.floor(name.length / 2)) || name.startsWith(word),
    )
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, SUGGESTED)
    .map(({ name }) => name);
}

/** Levenshtein's distance over one row. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const substituted = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
