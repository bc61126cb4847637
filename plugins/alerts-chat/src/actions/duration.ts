/** Durations as people type them: `90s`, `30m`, `2h`, `1d`. */

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Whole seconds, or undefined for what is no duration. */
export function parseDurationS(text: string): number | undefined {
  const [, amount, unit] = /^([1-9]\d{0,5})(s|m|h|d)$/.exec(text.trim().toLowerCase()) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  return Number(amount) * SECONDS[unit as keyof typeof SECONDS];
}
