/**
 * Break-glass as words, where a platform has no form: `/break_glass code password reason`. It is no command: commands are Actions,
 * which a model can call too, and this confirms. Pure.
 */

/** How it stands in the menu and in /help. */
export const BREAK_GLASS = {
  name: "break_glass",
  role: "approver",
  about: "Confirm something critical alone",
  usage: "/break_glass code one-time-password reason",
  example: "/break_glass Kx3_9a 123456 all others are asleep",
} as const;

export interface TypedBreakGlass {
  /** The beginning of the proposal's id, as the card shows it; empty when it was left out. */
  readonly code: string;
  readonly totp: string;
  readonly reason: string;
}

const NAME = /^\/break[_-]?glass(@\w+)?$/i;
/** Apps show a password in two groups. */
const HALF_PASSWORD = /^\d{3}$/;
const LONGEST_REASON = 500;

/** @returns undefined for what is no break-glass. */
export function breakGlassOf(text: string): TypedBreakGlass | undefined {
  const [name = "", code = "", first = "", ...others] = text.trim().split(/\s+/);
  if (!NAME.test(name)) return undefined;
  const isInHalves = HALF_PASSWORD.test(first) && HALF_PASSWORD.test(others[0] ?? "");
  const totp = isInHalves ? `${first}${others[0]}` : first;
  const reason = others.slice(isInHalves ? 1 : 0).join(" ");
  return { code, totp, reason: reason.slice(0, LONGEST_REASON) };
}
