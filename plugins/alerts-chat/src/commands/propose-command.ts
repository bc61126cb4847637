/** A command that proposes an action: arguments as a person types them, a reason behind `--`, and then the card. */

import { BaseError } from "@jeju-oracle/kit";
import type { ControlAction } from "../actions/control-action.ts";
import type { Command } from "./command.ts";

/** `/pause 30m -- maintenance`: what stands behind the dashes is the reason. */
const REASON_MARK = "--";
const NO_REASON = "no reason given";
const LONGEST_REASON = 200;

export function proposeCommand(action: ControlAction): Command {
  return {
    name: action.id,
    role: action.role,
    about: action.title,
    usage: `${action.usage} [-- reason]`,
    example: `${action.example} -- drill`,
    changes: true,
    async run({ proposals }, words, { principal, place }) {
      if (principal === undefined) {
        throw new BaseError("only a person in the operators file can propose", {
          code: "not-linked",
          retryable: false,
          nextStep: "`/whoami` shows your id; ask an approver to add it.",
        });
      }
      const mark = words.indexOf(REASON_MARK);
      const args = mark < 0 ? words : words.slice(0, mark);
      const reason =
        mark < 0
          ? NO_REASON
          : words
              .slice(mark + 1)
              .join(" ")
              .slice(0, LONGEST_REASON);
      await proposals.propose({ action: action.id, args, proposer: principal, via: "human", reason, place });
      return undefined;
    },
  };
}
