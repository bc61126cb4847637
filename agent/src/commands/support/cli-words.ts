/** A proposal of a runbook as the command to type. Pure. */
import type { ProposeStep } from "@jeju-oracle/plugin-alerts-chat/operator";

/** Id of the control action and its command; what is missing here is confirmed in a chat only. */
const COMMAND_BY_ACTION: Readonly<Record<string, string>> = {
  failover: "failover",
  force_leader: "force-leader",
  emergency_price: "emergency-price",
  pause: "pause",
  resume: "resume",
  restart: "restart",
  set: "set",
};

/**
 * `oracle-agent set max-gas-price-gwei 30 --for 2h --reason "…"`.
 * @param args as they would be typed in a chat; undefined: what a person must fill in stands in capitals.
 */
export function cliWords(
  { action, typed }: ProposeStep,
  args: readonly string[] | undefined,
  why: string,
): string {
  const command = COMMAND_BY_ACTION[action];
  if (command === undefined) return `oracle-agent chat, then ${[`/${action}`, ...(args ?? [])].join(" ")}`;
  const words = args ?? placeholders(typed);
  return ["oracle-agent", command, ...shaped(command, words), "--reason", JSON.stringify(why)].join(" ");
}

/** What follows the name in `/restart bot`; an optional word in brackets is left out. */
function placeholders(typed: string): readonly string[] {
  return typed
    .split(" ")
    .slice(1)
    .filter((word) => !word.startsWith("["))
    .map((word) => (/^[A-Za-z]+$/.test(word) ? word.toUpperCase() : word));
}

/** A chat takes a duration as a word, the command line as an option. */
function shaped(command: string, words: readonly string[]): readonly string[] {
  if (command === "failover" && words[0] !== undefined) return ["--to", words[0]];
  const forIndex = command === "set" ? 2 : command === "pause" ? 0 : words.length;
  const duration = words[forIndex];
  return duration === undefined ? words : [...words.slice(0, forIndex), "--for", duration];
}
