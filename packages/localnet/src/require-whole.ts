import { LocalnetInputError } from "./errors.ts";

/** @throws {LocalnetInputError} unless `value` is a whole number from `least` to `most`, both included. */
export function requireWhole(
  name: string,
  value: number,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`;
  throw new LocalnetInputError(`${name} is ${value}`, `Give a whole number, ${range}.`);
}
