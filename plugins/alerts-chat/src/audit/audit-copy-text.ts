/** Which entries of the audit are told in the chats, and in which words. Pure. */
import { type Line, line, type OutboundMessage, plainLine } from "../conversation/outbound.ts";
import type { AuditEntry } from "./audit-log.ts";

/** One entry as it is told. */
export interface Told {
  readonly line: Line;
  /** Where its card stands: what happens is seen there. */
  readonly platform: string | undefined;
  /** Told in every channel, also where nobody can answer. */
  readonly isLoud: boolean;
  readonly about: string;
}

/** A phone shows two lines of it. */
const LONGEST_DETAIL = 160;

/** `executing` is left out: it follows `confirmed` in the same moment. */
const SIGN_BY_WHAT: Readonly<Record<string, string>> = {
  confirmed: "▶",
  verified: "✅",
  failed: "❌",
  unknown: "⚠️",
  expired: "⌛",
};

/** @returns undefined for what is not told: it changed nothing, or is about alerts. */
export function copyOf(entry: AuditEntry): Told | undefined {
  const { what, proposalId, platform, breakGlass } = entry;
  const sign = SIGN_BY_WHAT[what];
  if (proposalId === undefined || sign === undefined) return undefined;
  const isLoud = what === "confirmed" && breakGlass === true;
  const text = `${isLoud ? "🚨 BREAK-GLASS:" : sign} ${wordsOf(entry)}`;
  return { line: plainLine(text), platform, isLoud, about: `audit:${proposalId}:${what}` };
}

/** @param lost how many entries could not be told before these. */
export function copyMessage(told: readonly Told[], lost: number): OutboundMessage {
  const missing = lost === 0 ? [] : [line(`Lines that were not told here: ${lost}. \`/audit\` has them.`)];
  return {
    lines: [...missing, ...told.map((one) => one.line)],
    severity: told.some(({ isLoud }) => isLoud) ? "critical" : "info",
    about: told.map(({ about }) => about).join(" "),
  };
}

function wordsOf({ who, what, action = "an action", detail, botId }: AuditEntry): string {
  const how = shortened(detail);
  if (what === "confirmed") return `${who} confirmed ${action}, ${botId} runs it: ${how}`;
  const by = who === "-" ? "" : `, confirmed by ${who}`;
  return `${action}${by}: ${what}. ${how}`;
}

function shortened(text: string): string {
  const flat = text.replaceAll(/\s+/g, " ").trim();
  return flat.length <= LONGEST_DETAIL ? flat : `${flat.slice(0, LONGEST_DETAIL - 1).toWellFormed()}…`;
}
