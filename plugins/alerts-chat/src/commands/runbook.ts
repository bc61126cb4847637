/** `/runbook`: the list, or one runbook with its checks run now and a button per step that a person confirms. */
import { UsageError } from "../actions/usage-error.ts";
import { line, type OutboundMessage, plainLine } from "../conversation/outbound.ts";
import { RUNBOOKS, runbookNamed } from "../runbooks/index.ts";
import { openRunbook, urgencyOf } from "../runbooks/run-runbook.ts";
import { suggestions } from "../words/suggestions.ts";
import type { Command } from "./command.ts";

const usage = "/runbook [name]";
const example = "/runbook price-stale";

export const runbook: Command = {
  name: "runbook",
  role: "viewer",
  about: "What to do, step by step",
  usage,
  example,
  changes: false,
  async run({ view }, [name]) {
    if (name === undefined) return listed();
    const found = runbookNamed(name);
    if (found !== undefined) return openRunbook(found, view);
    const near = suggestions(
      name,
      RUNBOOKS.map(({ id }) => id),
    );
    const meant = near.length === 0 ? "" : `; did you mean ${near.join(", ")}?`;
    throw new UsageError(`there is no runbook ${name.slice(0, 40)}${meant}`, { usage, example });
  },
};

function listed(): OutboundMessage {
  return {
    lines: RUNBOOKS.flatMap((one) => [line(`\`/runbook ${one.id}\``), plainLine(`   ${urgencyOf(one)}`)]),
  };
}
