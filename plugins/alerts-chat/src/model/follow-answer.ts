/**
 * What comes of a model's answer. It is data: what it names is looked up, and goes the way of the person who asked, with their
 * rights, in their chat. A proposal ends in the ordinary card; nothing here can press its button.
 */
import { BaseError, describeError } from "@jeju-oracle/kit";
import type { Asking } from "../commands/command.ts";
import type { Proposals } from "../confirm/proposer.ts";
import type { InboundMessage } from "../conversation/inbound.ts";
import { line, type OutboundMessage, plainLine } from "../conversation/outbound.ts";
import { mayAs } from "../people/people.ts";
import type { ModelDesk } from "./ask-model.ts";
import type { ModelAnswer } from "./model-answer.ts";
import { phraseOf, saying } from "./plain-words.ts";

export interface AnswerDesk extends ModelDesk {
  readonly proposals: Proposals;
  /** Somebody asked for what they may not do. */
  readonly refused: (who: string, command: string, why: string) => void;
  /** Says why there is no answer of the model. */
  readonly excuse: (why: string) => OutboundMessage;
}

type Read = Extract<ModelAnswer, { kind: "read" }>;
type Propose = Extract<ModelAnswer, { kind: "propose" }>;

/** As for commands: what waited longer was written for another situation. */
const STALE_AFTER_MS = 60_000;
const LONGEST_WHY = 150;
const LONGEST_COMMAND_SHOWN = 200;

/** Never throws. @returns no lines when the answer is the card of a proposal. */
export async function followAnswer(
  desk: AnswerDesk,
  answer: ModelAnswer,
  message: InboundMessage,
  asking: Asking,
): Promise<OutboundMessage> {
  switch (answer.kind) {
    case "say":
      return saying(answer.text);
    case "read":
      return read(desk, answer, message);
    case "propose":
      return propose(desk, answer, message, asking);
    default:
      return answer satisfies never;
  }
}

/** Who asks, for the audit. */
export function whoOf({ caller }: InboundMessage, { principal }: Asking): string {
  return principal?.id ?? `${caller.platform}:${caller.userId}`;
}

async function read(
  { reads, answer, excuse }: AnswerDesk,
  { command, args }: Read,
  message: InboundMessage,
): Promise<OutboundMessage> {
  if (!reads.some(({ name }) => name === command)) return excuse("The model named no command that reads.");
  const text = [`/${command}`, ...args].join(" ");
  const said = await answer({ ...message, text });
  if (said === undefined || said.lines.length === 0) return { lines: [] };
  return { ...said, lines: [plainLine(`🤖 ${phraseOf(text, LONGEST_COMMAND_SHOWN)}`), ...said.lines] };
}

async function propose(
  desk: AnswerDesk,
  { command, args, why }: Propose,
  message: InboundMessage,
  asking: Asking,
): Promise<OutboundMessage> {
  const { actions, clock, logger, proposals, excuse } = desk;
  const action = actions.get(command);
  if (action === undefined) return excuse("The model named no change that can be proposed.");
  const { principal } = asking;
  if (principal === undefined || !mayAs(principal, action.role)) {
    tellRefused(desk, whoOf(message, asking), action.id, `through the model: needs ${action.role}`);
    const who =
      principal === undefined ? "you are not in the operators file" : `${principal.id} is ${principal.role}`;
    return { lines: [plainLine(`⛔ /${action.id} needs the role ${action.role}; ${who}.`)] };
  }
  if (clock.wallMs() - message.sentAtMs > STALE_AFTER_MS) {
    return {
      lines: [plainLine("⌛ You asked for this more than a minute ago. Ask again if it still counts.")],
    };
  }
  try {
    // A newer card replaces an older one of the same action: a model must not take away what a person asked for.
    if (await waits(proposals, action.id, message))
      return { lines: [line(`A card of /${action.id} waits already: \`/pending\`.`)] };
    const reason = `🤖 ${phraseOf(why, LONGEST_WHY)}`;
    const { place } = message;
    await proposals.propose({ action: action.id, args, proposer: principal, via: "model", reason, place });
    return { lines: [] };
  } catch (error) {
    if (error instanceof BaseError)
      return { lines: [plainLine(`❌ ${error.message}`), plainLine(error.nextStep)] };
    logger.error("A model's proposal failed", { action: action.id, error: describeError(error) });
    return {
      lines: [plainLine(`/${action.id} could not be proposed. The log of this agent says why.`)],
    };
  }
}

async function waits(proposals: Proposals, action: string, { place }: InboundMessage): Promise<boolean> {
  const open = await proposals.pending();
  return open.some(
    (proposal) =>
      proposal.action === action &&
      proposal.state === "awaiting" &&
      proposal.place.platform === place.platform &&
      proposal.place.chatId === place.chatId,
  );
}

/** A refusal stands also when it cannot be written down. */
function tellRefused({ refused, logger }: AnswerDesk, who: string, command: string, why: string): void {
  try {
    refused(who, command, why);
  } catch (error) {
    logger.error("A refusal could not be written down", { error: describeError(error) });
  }
}
