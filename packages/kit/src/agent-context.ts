/**
 * What the process gives to every plugin: identity, environment, log, metrics, clock. The agent sets it before the
 * runtime starts; in a foreign elizaOS project the first plugin that asks creates it from the process environment.
 */
import { hostname } from "node:os";
import type { IAgentRuntime } from "@elizaos/core";
import type { Registry } from "prom-client";
import { z } from "zod";
import { type Clock, systemClock } from "./clock.ts";
import { defineEnv, type Env, envTypes, parseEnv } from "./config.ts";
import { createLogger, LOG_LEVELS, type Logger } from "./log.ts";
import { createMetricsRegistry } from "./metrics.ts";

export interface AgentContext {
  readonly botId: string;
  /** Directory for journal and buffers; exists only after a plugin has created it. */
  readonly stateDir: string;
  readonly env: Env;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock: Clock;
  /** Of this program, for people who compare the members of a fleet. */
  readonly version: string;
  /** See configDigest; empty in a foreign elizaOS project. */
  readonly configHash: () => string;
  /** Asks the process to stop in order and to end with `exitCode`. In a foreign elizaOS project it only logs. */
  readonly endProcess: (reason: string, exitCode: number) => void;
}

export const agentEnv = defineEnv({
  BOT_ID: {
    schema: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
        "must be 1 to 63 letters, digits, dots, dashes or underscores",
      ),
    about:
      "Name of this agent: in every metric, log line, alert and update it sends. Unique within the fleet.",
    example: "bot-aws-1",
    default: defaultBotId(),
    defaultText: "the host name",
    source: "seed: Health Check Endpoints",
    perHost: true,
  },
  STATE_DIR: {
    schema: envTypes.string(),
    about: "Directory for the transaction journal and other state that must survive a restart.",
    example: "/var/lib/jeju-oracle",
    default: "state",
    perHost: true,
  },
  LOG_LEVEL: {
    schema: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` }),
    about: "Least severe log line that is written.",
    example: "info",
    default: "info",
    perHost: true,
  },
  LOG_FORMAT: {
    schema: z.enum(["auto", "json", "pretty"], { error: "must be auto, json or pretty" }),
    about: "json for machines, pretty for people; auto is pretty on a terminal and json elsewhere.",
    example: "json",
    default: "auto",
    perHost: true,
  },
});

const contexts = new WeakMap<IAgentRuntime, AgentContext>();

/**
 * Builds a context from environment variables.
 * @throws {ConfigError} when one of {@link agentEnv} is malformed.
 */
export function createAgentContext(
  env: Env,
  clock: Clock = systemClock,
  ofProcess: Partial<Pick<AgentContext, "endProcess" | "version" | "configHash">> = {},
): AgentContext {
  const values = parseEnv(agentEnv, env);
  const terminal = process.stdout.isTTY === true;
  const logger = createLogger({
    level: values.LOG_LEVEL,
    format: values.LOG_FORMAT === "auto" ? (terminal ? "pretty" : "json") : values.LOG_FORMAT,
    colours: terminal && env.NO_COLOR === undefined,
    write: (line) => process.stdout.write(line),
  }).child({ botId: values.BOT_ID });
  return {
    botId: values.BOT_ID,
    stateDir: values.STATE_DIR,
    env,
    logger,
    metrics: createMetricsRegistry(values.BOT_ID),
    clock,
    version: ofProcess.version ?? "unknown",
    configHash: ofProcess.configHash ?? (() => ""),
    endProcess:
      ofProcess.endProcess ??
      ((reason, exitCode) => logger.error("This agent should be stopped", { reason, exitCode })),
  };
}

/** Binds `context` to a runtime, before the runtime starts its services. */
export function provideAgentContext(runtime: IAgentRuntime, context: AgentContext): void {
  contexts.set(runtime, context);
}

/** The context of this runtime. */
export function agentContextOf(runtime: IAgentRuntime): AgentContext {
  const present = contexts.get(runtime);
  if (present !== undefined) return present;
  const created = createAgentContext(process.env);
  contexts.set(runtime, created);
  return created;
}

function defaultBotId(): string {
  const name = hostname()
    .replaceAll(/[^A-Za-z0-9._-]/g, "-")
    .slice(0, 63);
  return /^[A-Za-z0-9]/.test(name) ? name : "oracle-bot";
}
