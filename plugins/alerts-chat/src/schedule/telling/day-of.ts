/** Days, as people in one time zone count them. */

/** `2026-11-25`. @param wallMs ms since the epoch. */
export function dayOf(wallMs: number, timezone: string): string {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: timezone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(wallMs);
  const [year, month, day] = (["year", "month", "day"] as const).map(
    (wanted) => parts.find(({ type }) => type === wanted)?.value ?? "",
  );
  return `${year}-${month}-${day}`;
}
