/** How numbers and times read on a phone. Never parsed back. */

/** `$3,245.67`; more digits for what costs less than a hundred dollars. Price with 8 decimals. */
export function usd(price8: bigint | undefined): string {
  if (price8 === undefined) return "unknown";
  const whole = price8 / 10n ** 8n;
  const fraction = (price8 % 10n ** 8n).toString().padStart(8, "0");
  const digits = whole >= 100n ? fraction.slice(0, 2) : fraction.replace(/0{1,6}$/, "");
  return `$${whole.toString().replaceAll(/\B(?=(\d{3})+$)/g, ",")}.${digits.padEnd(2, "0")}`;
}

/** `12 s`, `4 min`, `3 h`, `2 d`: one unit is enough to act on. */
export function span(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `12 s ago`. */
export function ago(durationMs: number | undefined): string {
  return durationMs === undefined ? "never" : `${span(durationMs)} ago`;
}

/** `08:12 UTC`: for what stands in a message for hours. @param wallMs ms since the epoch. */
export function clockTime(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(11, 16)} UTC`;
}

/** `0.0421 ETH`. */
export function eth(wei: bigint | undefined): string {
  if (wei === undefined) return "unknown";
  const tenThousandths = wei / 10n ** 14n;
  return `${tenThousandths / 10_000n}.${(tenThousandths % 10_000n).toString().padStart(4, "0")} ETH`;
}

/** `1.2 gwei`. */
export function gwei(wei: bigint | undefined): string {
  if (wei === undefined) return "unknown";
  const thousandths = wei / 10n ** 6n;
  return `${thousandths / 1_000n}.${(thousandths % 1_000n)
    .toString()
    .padStart(3, "0")
    .replace(/0{1,2}$/, "")} gwei`;
}
