/**
 * What a model's plugin is given in place of the runtime: its own settings, the persona and a way to send requests. Its key lies
 * nowhere in the runtime, where a prompt could pick it up, and what the runtime holds is out of the plugin's sight.
 */
import type { IAgentRuntime } from "@elizaos/core";
import { Secret } from "@jeju-oracle/kit";
import type { ModelConfig } from "./model-env.ts";
import type { ModelProvider } from "./providers.ts";

/** Longer than anybody waits for an answer (plugins/alerts-chat/src/model/ask-model.ts). */
const REQUEST_DEADLINE_MS = 20_000;

/** @param values of all providers; the plugin sees those of its own. */
export function surroundingsOf(
  runtime: IAgentRuntime,
  { settings }: ModelProvider,
  values: ModelConfig["values"],
): IAgentRuntime {
  const own = new Map<string, string | Secret | undefined>(settings.map((name) => [name, values[name]]));
  const { agentId, logger, character } = runtime;
  const given = {
    agentId,
    logger,
    character: { name: character.name, bio: character.bio, system: character.system },
    getSetting: (name: string) => {
      const value = own.get(name);
      return value instanceof Secret ? value.reveal() : (value ?? null);
    },
    // Tells of used tokens, with the prompt in it.
    emitEvent: async () => undefined,
    fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) =>
      fetch(input, { ...init, signal: init?.signal ?? AbortSignal.timeout(REQUEST_DEADLINE_MS) }),
  };
  return given as unknown as IAgentRuntime;
}
