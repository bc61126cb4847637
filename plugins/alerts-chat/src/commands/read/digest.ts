/** `/digest`: what the team is told each morning, now. */
import { digestMessage } from "../../schedule/digest/digest-text.ts";
import { gatherFacts } from "../../schedule/digest/gather-facts.ts";
import type { Command } from "../command.ts";

export const digest: Command = {
  name: "digest",
  role: "viewer",
  about: "The last day in short",
  usage: "/digest",
  example: "/digest",
  changes: false,
  async run(context) {
    return digestMessage(await gatherFacts(context), "Digest");
  },
};
