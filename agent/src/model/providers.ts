/** The models that an agent can be given, each by an elizaOS plugin that is no dependency of ours. */

export interface ModelProvider {
  readonly id: "openai" | "anthropic" | "ollama";
  /** Name in a character's `plugins`, and of the package. */
  readonly packageName: string;
  /** The version that the adapter in attach-model.ts was tried with, on this build's @elizaos/core. */
  readonly version: string;
  /** Set: this provider is wanted. */
  readonly wantedBy: ModelVariable;
  /** What its plugin asks the runtime for. It gets nothing else. */
  readonly settings: readonly ModelVariable[];
}

type ModelVariable =
  | "OPENAI_API_KEY"
  | "OPENAI_BASE_URL"
  | "OPENAI_SMALL_MODEL"
  | "ANTHROPIC_API_KEY"
  | "ANTHROPIC_BASE_URL"
  | "ANTHROPIC_SMALL_MODEL"
  | "OLLAMA_API_ENDPOINT"
  | "OLLAMA_SMALL_MODEL";

export const MODEL_PROVIDERS: readonly ModelProvider[] = [
  {
    id: "openai",
    packageName: "@elizaos/plugin-openai",
    version: "1.6.0",
    wantedBy: "OPENAI_API_KEY",
    settings: ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_SMALL_MODEL"],
  },
  {
    id: "anthropic",
    packageName: "@elizaos/plugin-anthropic",
    version: "1.5.12",
    wantedBy: "ANTHROPIC_API_KEY",
    settings: ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "ANTHROPIC_SMALL_MODEL"],
  },
  {
    id: "ollama",
    packageName: "@elizaos/plugin-ollama",
    version: "1.2.4",
    wantedBy: "OLLAMA_API_ENDPOINT",
    settings: ["OLLAMA_API_ENDPOINT", "OLLAMA_SMALL_MODEL"],
  },
];
