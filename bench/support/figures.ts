/** Figures of a list of measurements. */

/** The smallest measurement that `share` (0 to 1) of all do not exceed. */
export function percentile(measurements: readonly number[], share: number): number {
  const sorted = [...measurements].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** `n 20, p50 1.20 s, p95 2.31 s, max 2.40 s` */
export function describeMs(measurementsMs: readonly number[]): string {
  const seconds = (share: number) => `${(percentile(measurementsMs, share) / 1000).toFixed(2)} s`;
  return `n ${measurementsMs.length}, p50 ${seconds(0.5)}, p95 ${seconds(0.95)}, max ${seconds(1)}`;
}

/** As {@link describeMs}, for what takes milliseconds: `n 600, p50 3.1 ms, p99 9.8 ms, max 14.0 ms` */
export function describeShortMs(measurementsMs: readonly number[]): string {
  const figure = (share: number) => `${percentile(measurementsMs, share).toFixed(1)} ms`;
  return `n ${measurementsMs.length}, p50 ${figure(0.5)}, p99 ${figure(0.99)}, max ${figure(1)}`;
}
