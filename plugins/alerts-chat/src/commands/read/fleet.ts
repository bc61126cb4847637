/** `/fleet` and `/leader`: who belongs to the fleet, who leads, who could. */
import type { FleetMember } from "@jeju-oracle/kit";
import { type Line, line, plainLine } from "../../conversation/outbound.ts";
import { ago, span } from "../../words/format.ts";
import type { Command } from "../command.ts";

export const fleet: Command = {
  name: "fleet",
  role: "viewer",
  about: "Agents, roles and health",
  usage: "/fleet",
  example: "/fleet",
  changes: false,
  async run({ view }) {
    const members = view.members();
    if (members.length === 0) return { lines: [plainLine("Election is off: this agent acts alone.")] };
    const lines: Line[] = members.flatMap(memberLines);
    if (!view.storeReachable()) lines.push(plainLine("⚠️ The store does not answer: this is old."));
    if (!view.storeShared()) lines.push(plainLine("⚠️ An agent outside this store updates the oracle."));
    return { lines };
  },
};

export const leader: Command = {
  name: "leader",
  role: "viewer",
  about: "Who leads, and for how long",
  usage: "/leader",
  example: "/leader",
  changes: false,
  async run({ view }) {
    const leadership = view.leadership();
    if (leadership === undefined || leadership.leaderId === undefined) {
      return {
        lines: [line("**Nobody leads**"), plainLine("An election is under way, or nobody may lead.")],
      };
    }
    const valid =
      leadership.validForMs === undefined ? [] : [plainLine(`lease good for ${span(leadership.validForMs)}`)];
    return {
      lines: [line(`**${leadership.leaderId}** leads`), plainLine(`term ${leadership.term}`), ...valid],
    };
  },
};

function memberLines(member: FleetMember): readonly Line[] {
  const sign = member.alive ? (member.healthy ? "✅" : "❌") : "💀";
  const role = member.role === "leader" ? " 👑" : member.nofailover ? " (never leads)" : "";
  const what = member.alive
    ? (member.unhealthyReasons[0] ?? member.unfitReasons[0] ?? member.decision ?? "starting")
    : member.role === "stopped"
      ? "stopped"
      : `silent, seen ${ago(member.silentForMs)}`;
  return [
    [
      { kind: "text", text: `${sign} ` },
      { kind: "bold", text: member.botId },
      { kind: "text", text: role },
    ],
    plainLine(`   ${what}`),
  ];
}
