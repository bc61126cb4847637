/** `/help`: what the asker may use, or one command in full. */
import { BREAK_GLASS } from "../conversation/break-glass-of.ts";
import { type Line, line, plainLine } from "../conversation/outbound.ts";
import { mayAs, ROLES } from "../people/people.ts";
import type { Command } from "./command.ts";

export const help: Command = {
  name: "help",
  role: "viewer",
  about: "What you can ask for",
  usage: "/help [command]",
  example: "/help failover",
  changes: false,
  async run({ commandsFor }, [wanted], { principal }) {
    const typed = mayAs(principal, BREAK_GLASS.role) ? [BREAK_GLASS] : [];
    const usable = [...commandsFor(principal?.role), ...typed];
    const one = usable.find(({ name }) => name === wanted?.replace(/^\//, ""));
    if (one !== undefined) {
      return {
        lines: [plainLine(one.about), line(`\`${one.usage}\``), plainLine(`Example: ${one.example}`)],
      };
    }
    const lines: Line[] = ROLES.flatMap((role) => {
      const own = usable.filter((command) => command.role === role);
      if (own.length === 0) return [];
      return [line(`**${role}**`), ...own.map(({ name, about }) => plainLine(`/${name} · ${about}`))];
    });
    return { lines };
  },
};
