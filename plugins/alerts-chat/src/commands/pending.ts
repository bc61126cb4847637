/** `/pending`: what waits for a confirmation, and what runs. */
import { plainLine } from "../conversation/outbound.ts";
import { span } from "../words/format.ts";
import type { Command } from "./command.ts";

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
