/** Points in time for people. Pure. */

/** Whole seconds, UTC. A time that no calendar holds is shown as a number. */
export function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString().replace(/\.\d{3}Z$/, "Z");
}
