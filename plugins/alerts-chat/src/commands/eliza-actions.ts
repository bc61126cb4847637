/**
 * Commands as Actions of the elizaOS runtime. The router runs them by their exact name and hands over who asks; anybody else who
 * runs one, such as a model, asks as nobody: reading works, proposing needs a person.
 */
import type { Action, HandlerOptions, IAgentRuntime, Memory } from "@elizaos/core";
import { BaseError } from "@jeju-oracle/kit";
import type { OutboundMessage } from "../conversation/outbound.ts";
import type { Asking, Command, CommandContext } from "./command.ts";

/** By the options object of one call: nothing that a message or a model writes can stand here. */
const askings = new WeakMap<object, Asking>();
const answers = new WeakMap<object, OutboundMessage>();

const NOBODY: Asking = {
  principal: undefined,
  displayName: "nobody",
  place: { platform: "console", chatId: "none" },
};

function actionNameOf(command: Command): string {
  return `CHAT_${command.name.toUpperCase()}`;
}

/** @param contextOf undefined while the service starts. */
export function toAction(
  command: Command,
  contextOf: (runtime: IAgentRuntime) => CommandContext | undefined,
): Action {
  return {
    name: actionNameOf(command),
    description: `${command.about}. ${command.usage}`,
    validate: async () => true,
    handler: async (runtime, _message, _state, options, callback) => {
      const context = contextOf(runtime);
      if (context === undefined) return { success: false, text: "The chat is still starting." };
      const asking = (options === undefined ? undefined : askings.get(options)) ?? NOBODY;
      const answer = await command.run(context, argsOf(options), asking);
      if (answer === undefined) return { success: true, text: "" };
      if (options !== undefined) answers.set(options, answer);
      const text = textOf(answer);
      await callback?.({ text });
      return { success: true, text };
    },
  };
}

/** Runs one command as its Action, found by its exact name. @throws what the command throws. */
export async function runAsAction(
  runtime: IAgentRuntime,
  command: Command,
  args: readonly string[],
  asking: Asking,
): Promise<OutboundMessage | undefined> {
  const name = actionNameOf(command);
  const action = runtime.actions.find((known) => known.name === name);
  if (action === undefined) {
    throw new BaseError(`the runtime has no action ${name}`, {
      code: "action-missing",
      retryable: false,
      nextStep: "Check the character's plugins; the log of the start says what was loaded.",
    });
  }
  const options: HandlerOptions = { parameters: { args: [...args] } };
  askings.set(options, asking);
  await action.handler(runtime, emptyMemory(runtime), undefined, options);
  return answers.get(options);
}

function argsOf(options: HandlerOptions | Record<string, unknown> | undefined): readonly string[] {
  const parameters: unknown = options?.parameters;
  const args: unknown =
    typeof parameters === "object" && parameters !== null && "args" in parameters
      ? parameters.args
      : undefined;
  if (typeof args === "string") return args.trim() === "" ? [] : args.trim().split(/\s+/);
  return Array.isArray(args) ? args.filter((word) => typeof word === "string") : [];
}

/** Nothing of the person's text goes into elizaOS's memory. */
function emptyMemory(runtime: IAgentRuntime): Memory {
  return { entityId: runtime.agentId, roomId: runtime.agentId, content: { text: "" } };
}

function textOf({ lines }: OutboundMessage): string {
  return lines.map((line) => line.map((part) => part.text).join("")).join("\n");
}
