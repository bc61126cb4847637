/** The variables of the optional model. None set: there is none, and nothing is missing. */
import {
  type ConfigProblem,
  defineEnv,
  type Env,
  type EnvValues,
  envTypes,
  parseEnv,
  registerUrlSecrets,
  Secret,
} from "@jeju-oracle/kit";
import { z } from "zod";
import { MODEL_PROVIDERS, type ModelProvider } from "./providers.ts";

const apiKey = () =>
  z
    .string()
    .min(8, "is too short for an API key")
    .transform((text) => new Secret(text))
    .optional();
const endpoint = () =>
  envTypes
    .url("https", "http")
    .transform((url) => {
      registerUrlSecrets(url);
      return url;
    })
    .optional();
const modelName = () => envTypes.string().optional();

export const modelEnv = defineEnv({
  MODEL_PROVIDER: {
    schema: z
      .enum(["openai", "anthropic", "ollama"], { error: "must be openai, anthropic or ollama" })
      .optional(),
    about: "Which model answers free text, when the variables of several are set.",
    example: "ollama",
    perHost: true,
  },
  MODEL_PLUGIN_DIR: {
    schema: envTypes.string().optional(),
    about: "Folder whose `node_modules` holds the model's plugin. Unset: the agent's own.",
    example: "/opt/jeju-oracle-model",
    perHost: true,
  },
  OPENAI_API_KEY: {
    schema: apiKey(),
    about: "Lets OpenAI, or whatever speaks its API at OPENAI_BASE_URL, answer free text.",
    example: "sk-the-key",
    source: "@elizaos/plugin-openai",
    secret: true,
    perHost: true,
  },
  OPENAI_BASE_URL: {
    schema: endpoint(),
    about: "Another server with OpenAI's API.",
    example: "https://api.openai.com/v1",
    source: "@elizaos/plugin-openai",
    perHost: true,
  },
  OPENAI_SMALL_MODEL: {
    schema: modelName(),
    about: "Name of the model; unset: the plugin's choice.",
    example: "gpt-4o-mini",
    source: "@elizaos/plugin-openai",
    perHost: true,
  },
  ANTHROPIC_API_KEY: {
    schema: apiKey(),
    about: "Lets Anthropic answer free text.",
    example: "sk-ant-the-key",
    source: "@elizaos/plugin-anthropic",
    secret: true,
    perHost: true,
  },
  ANTHROPIC_BASE_URL: {
    schema: endpoint(),
    about: "Another server with Anthropic's API.",
    example: "https://api.anthropic.com/v1",
    source: "@elizaos/plugin-anthropic",
    perHost: true,
  },
  ANTHROPIC_SMALL_MODEL: {
    schema: modelName(),
    about: "Name of the model; unset: the plugin's choice.",
    example: "claude-haiku-4-5",
    source: "@elizaos/plugin-anthropic",
    perHost: true,
  },
  OLLAMA_API_ENDPOINT: {
    schema: endpoint(),
    about: "Lets the Ollama server at this address answer free text.",
    example: "http://127.0.0.1:11434",
    source: "@elizaos/plugin-ollama",
    perHost: true,
  },
  OLLAMA_SMALL_MODEL: {
    schema: modelName(),
    about: "Name of the model; unset: the plugin's choice. The plugin downloads one that Ollama lacks.",
    example: "gemma3:latest",
    source: "@elizaos/plugin-ollama",
    perHost: true,
  },
});

export interface ModelConfig {
  /** Those whose variable is set; only the chosen one, when one is chosen. */
  readonly wanted: readonly ModelProvider[];
  readonly pluginDirectory: string | undefined;
  readonly values: EnvValues<typeof modelEnv>;
}

/** Reads the variables of the model. @throws {ConfigError} with one problem per wrong variable. */
export function loadModelConfig(env: Env): ModelConfig {
  const values = parseEnv(modelEnv, env, chosenIsSetUp);
  const { MODEL_PROVIDER: chosen, MODEL_PLUGIN_DIR: pluginDirectory } = values;
  const wanted = MODEL_PROVIDERS.filter(
    ({ id, wantedBy }) => values[wantedBy] !== undefined && (chosen === undefined || chosen === id),
  );
  return { wanted, pluginDirectory, values };
}

/** A model that was chosen is meant to be there. */
function chosenIsSetUp(values: EnvValues<typeof modelEnv>): readonly ConfigProblem[] {
  const provider = MODEL_PROVIDERS.find(({ id }) => id === values.MODEL_PROVIDER);
  if (provider === undefined || values[provider.wantedBy] !== undefined) return [];
  const { id, wantedBy } = provider;
  const problem = `is required when MODEL_PROVIDER is ${id}`;
  return [{ variable: wantedBy, problem, example: modelEnv[wantedBy].example }];
}
