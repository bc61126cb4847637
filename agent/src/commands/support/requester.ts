/** Who asks, and why: goes into the store, the log of every agent and the audit. */
import { hostname, userInfo } from "node:os";
import type { Env, Requester } from "@jeju-oracle/kit";
import type { CommandInput } from "../../command-line/command.ts";
import { UsageError } from "../../command-line/usage-error.ts";
import { plainText } from "./table.ts";

const LONGEST_NAME = 80;
const LONGEST_REASON = 200;

/** @throws {UsageError} when name or reason are empty or too long. */
export function requesterOf(input: CommandInput, env: Env, defaultReason = ""): Requester {
  return {
    by: bounded("by", input.value("by") ?? defaultName(env), LONGEST_NAME),
    reason: bounded("reason", input.value("reason") ?? defaultReason, LONGEST_REASON),
  };
}

/** The person behind sudo, on this host. */
function defaultName(env: Env): string {
  return `${env.SUDO_USER || env.USER || userName()}@${hostname()}`;
}

/** A user without an entry in the password file has a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? "unknown"}`;
  }
}

function bounded(option: string, text: string, most: number): string {
  const plain = plainText(text, most + 1);
  if (plain === "") throw new UsageError(`--${option} is empty`, "Say it in a few words.");
  if (plain.length <= most) return plain;
  throw new UsageError(`--${option} is too long`, `Say it in at most ${most} characters.`);
}
