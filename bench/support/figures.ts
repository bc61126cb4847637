/** Figures of a list of measurements. */

/** The smallest measurement that `share` (0 to 1) of all do not exceed. */
function percentile(measurements: readonly number[], share: number): number {
  const sorted = [...measurements].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** `n 20, p50 1.20 s, p95 2.31 s, max 2.40 s` */
export function describeMs(measurementsMs: readonly number[]): string {
  const seconds = (share: number) => `${(percentile(measurementsMs, share) / 1000).toFixed(2)} s`;
  return `n ${measurementsMs.length}, p50 ${seconds(0.5)}, p95 ${seconds(0.95)}, max ${seconds(1)}`;
}
