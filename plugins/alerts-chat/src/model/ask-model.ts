/** One question to the model: what it is shown, and how long it may take. */
import { type IAgentRuntime, ModelType } from "@elizaos/core";
import { type Clock, describeError, type Logger, withDeadline } from "@jeju-oracle/kit";
import type { ControlAction } from "../actions/control-action.ts";
import type { Asking, Command } from "../commands/command.ts";
import type { InboundMessage } from "../conversation/inbound.ts";
import type { OutboundMessage } from "../conversation/outbound.ts";
import { mayAs } from "../people/people.ts";
import { textOf } from "./plain-words.ts";
import { promptOf } from "./prompt.ts";

export interface ModelDesk {
  readonly runtime: Pick<IAgentRuntime, "character" | "getModel" | "useModel">;
  /** The commands that a model may name: they read and change nothing. */
  readonly reads: readonly Command[];
  readonly actions: ReadonlyMap<string, ControlAction>;
  /** The router: answers a command with all its checks. */
  readonly answer: (message: InboundMessage) => Promise<OutboundMessage | undefined>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Long enough for a small model on a slow machine, short enough that a person still looks. */
export const MODEL_DEADLINE_MS = 15_000;
const STATE_DEADLINE_MS = 2_000;
/** A JSON object with a few lines of text. */
const MAX_TOKENS = 600;
/** What the model is shown of the system: answers that cost no request. */
const STATE_COMMANDS = ["status", "prices", "fleet", "alerts", "pending"];
const LONGEST_STATE_ANSWER = 1_200;

/**
 * What the model returned, whatever that is.
 * @param returned called once, when the model has returned: long after this has thrown, if it takes longer than the deadline.
 * @throws {DeadlineError} and whatever the model's plugin throws.
 */
export async function askModel(
  desk: ModelDesk,
  question: string,
  message: InboundMessage,
  { principal }: Asking,
  returned: () => void,
): Promise<unknown> {
  const { runtime, reads, actions, clock } = desk;
  const call = async () => {
    try {
      const prompt = promptOf({
        persona: runtime.character,
        reads,
        proposals: [...actions.values()].filter(({ role }) => mayAs(principal, role)),
        state: await stateOf(desk, message),
        question,
      });
      const params = { prompt, maxTokens: MAX_TOKENS, temperature: 0, stream: false };
      return await runtime.useModel(ModelType.TEXT_SMALL, params);
    } finally {
      returned();
    }
  };
  return withDeadline(clock, "the model", MODEL_DEADLINE_MS, call);
}

/** What the commands say that read the state; without the ones that fail or take too long. */
async function stateOf(
  { reads, answer, clock, logger }: ModelDesk,
  message: InboundMessage,
): Promise<string> {
  const known = STATE_COMMANDS.filter((name) => reads.some((command) => command.name === name));
  const parts = known.map(async (name) => {
    const text = `/${name}`;
    try {
      const said = await withDeadline(clock, text, STATE_DEADLINE_MS, () => answer({ ...message, text }));
      return said === undefined ? "" : `${text}\n${textOf(said).slice(0, LONGEST_STATE_ANSWER)}`;
    } catch (error) {
      logger.debug("A model is asked without a part of the state", {
        command: name,
        error: describeError(error),
      });
      return "";
    }
  });
  return (await Promise.all(parts)).filter((part) => part !== "").join("\n\n");
}
