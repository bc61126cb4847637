/** `/ask`: one's own words, where a platform hands a bot nothing but commands. The router gives them to the model, if there is one. */
import { UsageError } from "../actions/usage-error.ts";
import type { Command } from "../commands/command.ts";
import { line } from "../conversation/outbound.ts";

const usage = "/ask your own words";
const example = "/ask since when does bot-1 lead?";

/** What runs is the answer without a model: the Action of it reaches no model either. */
export const ask: Command = {
  name: "ask",
  role: "viewer",
  about: "Ask in your own words, if a model is set up",
  usage,
  example,
  changes: false,
  async run(_context, args) {
    if (args.length === 0) throw new UsageError("what do you want to ask?", { usage, example });
    return { lines: [line("There is no model here. Commands work without one: `/help`.")] };
  },
};
