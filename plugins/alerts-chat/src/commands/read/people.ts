/** `/whoami` and `/oncall`: who the asker is to us, and who is called. */
import { plainLine } from "../../conversation/outbound.ts";
import type { Command } from "../command.ts";

export const whoami: Command = {
  name: "whoami",
  role: "viewer",
  about: "Your name and role here",
  usage: "/whoami",
  example: "/whoami",
  changes: false,
  async run({ people }, _args, { principal, place, displayName }) {
    if (principal === undefined) {
      return {
        lines: [
          plainLine(`${displayName}, you are not in the operators file.`),
          plainLine(`Chat ${place.chatId} on ${place.platform}`),
          plainLine("Ask an approver to add your user id."),
        ],
      };
    }
    const turn = people.oncall.indexOf(principal.id);
    return {
      lines: [
        plainLine(`${principal.id}, role ${principal.role}`),
        ...(turn < 0 ? [] : [plainLine(`number ${turn + 1} on call`)]),
      ],
    };
  },
};

export const oncall: Command = {
  name: "oncall",
  role: "viewer",
  about: "Who is called, in order",
  usage: "/oncall",
  example: "/oncall",
  changes: false,
  async run({ people }) {
    if (people.oncall.length === 0) {
      return { lines: [plainLine("Nobody is on call: `oncall` in OPERATORS_FILE is empty.")] };
    }
    return { lines: people.oncall.map((id, index) => plainLine(`${index + 1}. ${id}`)) };
  },
};
