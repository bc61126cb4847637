/** `/audit`: the latest entries of this agent's audit. */
import { plainLine } from "../conversation/outbound.ts";
import { ago } from "../words/format.ts";
import type { Command } from "./command.ts";

const SHOWN = 10;
const WITHIN_MS = 7 * 86_400_000;

export const audit: Command = {
  name: "audit",
  role: "viewer",
  about: "Who did what lately",
  usage: "/audit",
  example: "/audit",
  changes: false,
  async run({ view, audit: log }) {
    const nowMs = view.clock.wallMs();
    const entries = log.since(nowMs - WITHIN_MS).slice(-SHOWN);
    if (entries.length === 0) return { lines: [plainLine("The audit holds nothing of the last week.")] };
    return {
      lines: entries.map(({ at, who, what, action }) =>
        plainLine(`${ago(nowMs - at)}: ${who} ${what}${action === undefined ? "" : ` ${action}`}`),
      ),
    };
  },
};
