/** A press on a button of a runbook: opens it, proposes a step, or verifies. A press never changes the system: the card does. */
import { BaseError } from "@jeju-oracle/kit";
import { CONTROL_ACTIONS } from "../actions/index.ts";
import type { SystemView } from "../actions/system-view.ts";
import type { Proposals } from "../confirm/proposer.ts";
import type { InboundPress } from "../conversation/inbound.ts";
import { type OutboundMessage, plainLine } from "../conversation/outbound.ts";
import { mayAs, type People } from "../people/people.ts";
import { runbookNamed } from "./index.ts";
import { hostsOf, openRunbook, verifyRunbook } from "./run-runbook.ts";
import type { Runbook } from "./runbook.ts";
import { decodeRunbookButton } from "./runbook-button.ts";

export interface RunbookDesk {
  readonly view: SystemView;
  readonly proposals: Proposals;
  readonly people: People;
}

/** @returns undefined when the button is no runbook's; no lines when the answer is the card of a proposal. */
export async function pressRunbook(
  desk: RunbookDesk,
  press: InboundPress,
): Promise<OutboundMessage | undefined> {
  const button = decodeRunbookButton(press.data);
  if (button === undefined) return undefined;
  const runbook = runbookNamed(button.id);
  if (runbook === undefined) return saying(`There is no runbook ${button.id} any more.`);
  switch (button.kind) {
    case "open":
      return openRunbook(runbook, desk.view);
    case "hosts":
      return hostsOf(runbook);
    case "verify":
      return verifyRunbook(runbook, desk.view, button.openedAtS);
    case "step":
      return proposeStep(desk, runbook, button.step, press);
    default:
      return button satisfies never;
  }
}

async function proposeStep(
  { view, proposals, people }: RunbookDesk,
  runbook: Runbook,
  index: number,
  { caller, place }: InboundPress,
): Promise<OutboundMessage> {
  const step = runbook.steps[index];
  const action = step?.kind === "propose" ? CONTROL_ACTIONS.find(({ id }) => id === step.action) : undefined;
  if (step?.kind !== "propose" || action === undefined) return saying("This button is of an older version.");
  const proposer = people.principalOf(caller);
  if (proposer === undefined || !mayAs(proposer, action.role)) {
    const who =
      proposer === undefined ? "you are not in the operators file" : `${proposer.id} is ${proposer.role}`;
    return saying(`⛔ ${step.title} needs the role ${action.role}; ${who}.`);
  }
  const args = step.args(view);
  if (args === undefined) return saying(`Type it: ${step.typed}`);
  try {
    const reason = `runbook ${runbook.id}`;
    await proposals.propose({ action: action.id, args, proposer, via: "runbook", reason, place });
    return { lines: [] };
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    return { lines: [plainLine(`❌ ${error.message}`), plainLine(error.nextStep)] };
  }
}

function saying(text: string): OutboundMessage {
  return { lines: [plainLine(text)] };
}
