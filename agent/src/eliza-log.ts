/**
 * Sends elizaOS's own log through ours. Left alone it prints to the console in a format of its own, keeps the last
 * lines in memory, and redacts by key names that miss private keys and URLs; ours scrubs every line by value.
 */
import { logger as globalElizaLogger, type IAgentRuntime } from "@elizaos/core";
import { describeError, type LogFields, type Logger, type LogLevel } from "@jeju-oracle/kit";

type ElizaLogger = IAgentRuntime["logger"];
type ElizaLogArguments = Parameters<ElizaLogger["info"]>;

/** Warnings that describe this agent as it is meant to be. */
const EXPECTED = new Set(["No TEXT_EMBEDDING model registered, skipping embedding setup"]);

/** An elizaOS logger that writes to `logger`. elizaOS is chatty at info, so its info lines are ours at debug. */
export function elizaLoggerTo(logger: Logger): ElizaLogger {
  const at =
    (level: LogLevel) =>
    (...args: ElizaLogArguments) => {
      const { message, fields } = flatten(args);
      logger[EXPECTED.has(message) ? "debug" : level](message, fields);
    };
  return {
    level: "warn",
    trace: () => undefined,
    debug: () => undefined,
    info: at("debug"),
    log: at("debug"),
    success: at("debug"),
    progress: at("debug"),
    warn: at("warn"),
    error: at("error"),
    fatal: at("error"),
    clear: () => undefined,
    child: () => elizaLoggerTo(logger),
  };
}

/** Redirects the logger that elizaOS's modules share. */
export function redirectGlobalElizaLog(logger: Logger): void {
  Object.assign(globalElizaLogger, elizaLoggerTo(logger));
}

function flatten([first, second]: ElizaLogArguments): { message: string; fields: LogFields } {
  if (typeof first === "string") return { message: first, fields: {} };
  if (first instanceof Error)
    return { message: second ?? first.message, fields: { error: describeError(first) } };
  return { message: second ?? "elizaOS", fields: primitivesOf(first) };
}

/** Objects are left out: they are what could hold a secret or a whole prompt. */
function primitivesOf(context: Readonly<Record<string, unknown>>): LogFields {
  const fields: Record<string, string | number | boolean | bigint> = {};
  for (const [key, value] of Object.entries(context)) {
    if (key === "agentId") continue;
    if (value instanceof Error) fields[key] = describeError(value);
    else if (isPrimitive(value)) fields[key] = value;
  }
  return fields;
}

function isPrimitive(value: unknown): value is string | number | boolean | bigint {
  return ["string", "number", "boolean", "bigint"].includes(typeof value);
}
