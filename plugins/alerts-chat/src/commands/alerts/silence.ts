/** `/silence` and `/unsilence`: an alert, a rule or an agent is not told of for a while. It is counted and listed all the same. */
import { parseDurationS } from "../../actions/duration.ts";
import { UsageError } from "../../actions/usage-error.ts";
import { line } from "../../conversation/outbound.ts";
import { span } from "../../words/format.ts";
import type { Command } from "../command.ts";

export const DEFAULT_SILENCE_MS = 3_600_000;
const LONGEST_REASON = 200;

export const silence: Command = {
  name: "silence",
  role: "responder",
  about: "Do not tell of an alert for a while",
  usage: "/silence <code, rule or @bot> [1h] [reason]",
  example: "/silence OracleHighGasPrice 2h known",
  changes: true,
  async run({ alerts, view }, [what, second, ...others], { principal }) {
    if (what === undefined || principal === undefined) throw new UsageError("what shall be silent?", silence);
    const durationS = second === undefined ? undefined : parseDurationS(second);
    // What looks like a time and is none must not become a reason, and the silence another one than was meant.
    if (durationS === undefined && second !== undefined && /^\d/.test(second))
      throw new UsageError(`${second.slice(0, 20)} is no duration`, silence);
    const words = durationS === undefined && second !== undefined ? [second, ...others] : others;
    const made = await alerts.silence({
      what,
      durationMs: durationS === undefined ? DEFAULT_SILENCE_MS : durationS * 1000,
      by: principal.id,
      reason: words.join(" ").slice(0, LONGEST_REASON) || "no reason given",
    });
    const left = span(made.untilMs - view.clock.wallMs());
    return { lines: [line(`🔕 ${made.matches} is silent for ${left}. End it: \`/unsilence ${made.id}\``)] };
  },
};

export const unsilence: Command = {
  name: "unsilence",
  role: "responder",
  about: "End a silence",
  usage: "/unsilence <id>",
  example: "/unsilence a3f19c",
  changes: true,
  async run({ alerts }, [id], { principal }) {
    if (id === undefined || principal === undefined) throw new UsageError("which silence?", unsilence);
    const ended = await alerts.unsilence(id, principal.id);
    return { lines: [line(`🔔 ${ended.matches} is told of again.`)] };
  },
};
