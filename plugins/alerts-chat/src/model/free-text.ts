/**
 * Free text, by way of a model: an answer that reads, a proposal, or words. The model returns data and calls nothing; without a
 * model the text is not answered and nothing else changes.
 */
import { ModelType } from "@elizaos/core";
import { DeadlineError, describeError } from "@jeju-oracle/kit";
import type { Asking, Command } from "../commands/command.ts";
import { RefusalMeter } from "../commands/refusal-meter.ts";
import type { InboundMessage } from "../conversation/inbound.ts";
import { type OutboundMessage, plainLine } from "../conversation/outbound.ts";
import { ask } from "./ask.ts";
import { askModel, MODEL_DEADLINE_MS } from "./ask-model.ts";
import { type AnswerDesk, followAnswer, whoOf } from "./follow-answer.ts";
import { parseAnswer } from "./model-answer.ts";
import { wordsOf } from "./plain-words.ts";
import { LONGEST_QUESTION } from "./prompt.ts";
import { type Admission, QuestionMeter } from "./question-meter.ts";

export interface FreeTextOptions extends Omit<AnswerDesk, "reads" | "excuse"> {
  readonly commands: readonly Command[];
}

export type FreeText = (message: InboundMessage, asking: Asking) => Promise<OutboundMessage | undefined>;

/** Named where the model fails. */
const NAMED_COMMANDS = 5;
const LONGEST_LOGGED = 300;

const EXCUSE_BY_LIMIT = {
  asking: "The model still thinks about your last question.",
  "too-often": "That is more than the model is asked in a minute.",
  busy: "The model has enough to do at the moment.",
} as const satisfies Record<Exclude<Admission["kind"], "admitted">, string>;

/** The commands that a model may name: whatever everybody in the chat may ask and nothing follows from. */
export function readsOf(commands: readonly Command[]): readonly Command[] {
  return commands.filter(({ name, role, changes }) => role === "viewer" && !changes && name !== ask.name);
}

/**
 * Answers free text for as long as the runtime has a model. The function that it gives never throws; undefined: the text is not
 * answered, no lines: it is, by a card or by silence.
 */
export function freeText(options: FreeTextOptions): FreeText {
  const { commands, runtime, clock } = options;
  const reads = readsOf(commands);
  const named = reads.slice(0, NAMED_COMMANDS).map(({ name }) => `/${name}`);
  const excuse = (why: string): OutboundMessage => ({
    lines: [plainLine(why), plainLine(`Commands work without it: ${named.join(" ")} /help`)],
  });
  const desk: AnswerDesk = { ...options, reads, excuse };
  const meter = new QuestionMeter(clock);
  const excuses = new RefusalMeter(clock);
  return async (message, asking) => {
    const question = wordsOf(message.text, LONGEST_QUESTION);
    const isForUs = message.isAddressed !== false && !message.caller.isBot;
    if (!isForUs || question === "" || runtime.getModel(ModelType.TEXT_SMALL) === undefined) return undefined;
    const who = whoOf(message, asking);
    const admission = meter.admit(who);
    if (admission.kind !== "admitted")
      return excuses.mayTell(who) ? excuse(EXCUSE_BY_LIMIT[admission.kind]) : { lines: [] };
    try {
      return await answerWith(desk, question, message, asking, admission.returned);
    } finally {
      admission.answered();
    }
  };
}

async function answerWith(
  desk: AnswerDesk,
  question: string,
  message: InboundMessage,
  asking: Asking,
  returned: () => void,
): Promise<OutboundMessage | undefined> {
  const { clock, logger, excuse } = desk;
  const startedAtMs = clock.monotonicMs();
  let raw: unknown;
  try {
    raw = await askModel(desk, question, message, asking, returned);
  } catch (error) {
    logger.warn("The model did not answer", { error: describeError(error).slice(0, LONGEST_LOGGED) });
    const isLate = error instanceof DeadlineError;
    return excuse(isLate ? `No answer of the model in ${MODEL_DEADLINE_MS / 1_000} s.` : "The model failed.");
  }
  const answer = parseAnswer(raw);
  logger.info("A model was asked", {
    who: whoOf(message, asking),
    answer: answer?.kind ?? "of no use",
    command: answer === undefined || answer.kind === "say" ? undefined : answer.command,
    tookMs: Math.round(clock.monotonicMs() - startedAtMs),
  });
  return answer === undefined
    ? excuse("The model's answer cannot be used.")
    : followAnswer(desk, answer, message, asking);
}
