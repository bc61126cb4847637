/** `/pending`: what waits for a confirmation, and what runs. */
import { plainLine } from "../conversation/outbound.ts";
import type { Command } from "./command.ts";
import { span } from "./format.ts";

export const pending: Command = {
  name: "pending",
  role: "viewer",
  about: "What waits for a confirmation",
  usage: "/pending",
  example: "/pending",
  changes: false,
  async run({ proposals, view }) {
    const open = await proposals.pending();
    if (open.length === 0) return { lines: [plainLine("Nothing waits for a confirmation.")] };
    return {
      lines: open.map(({ action, proposer, state, proposedAtMs, validForMs }) => {
        const leftMs = proposedAtMs + validForMs - view.clock.wallMs();
        const when = state === "awaiting" ? `${span(leftMs)} left` : state;
        return plainLine(`${action} by ${proposer}: ${when}`);
      }),
    };
  },
};
