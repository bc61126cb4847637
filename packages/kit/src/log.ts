/**
 * Structured log: JSON lines for machines, short coloured lines on a terminal. Every line is scrubbed of
 * registered secrets as its last step, so that no caller can leak one.
 */
import pino from "pino";
import { scrubSecrets } from "./secret.ts";

/** Log fields are flat primitives: nothing is walked, mutated or serialised by surprise. */
export type LogFields = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `json` under a supervisor, `pretty` on a terminal. */
  readonly format: "json" | "pretty";
  /** Receives whole lines, newline included. */
  readonly write: (line: string) => void;
  readonly colours?: boolean;
}

/** Builds a logger. Lines never contain a registered secret. */
export function createLogger(options: LoggerOptions): Logger {
  const destination = {
    write(line: string) {
      const clean = scrubSecrets(line);
      options.write(options.format === "json" ? clean : prettify(clean, options.colours ?? false));
    },
  };
  const root = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return wrap(root);
}

/** Drops everything. The default where no logger is given. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

function wrap(target: pino.Logger): Logger {
  return {
    debug: (message, fields) => target.debug(plain(fields), message),
    info: (message, fields) => target.info(plain(fields), message),
    warn: (message, fields) => target.warn(plain(fields), message),
    error: (message, fields) => target.error(plain(fields), message),
    child: (fields) => wrap(target.child(plain(fields))),
  };
}

/** JSON has no bigint: they become decimal strings. */
function plain(fields: LogFields = {}): Record<string, string | number | boolean> {
  const result: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) result[key] = typeof value === "bigint" ? value.toString() : value;
  }
  return result;
}

const COLOUR_BY_LEVEL: Readonly<Record<string, string>> = {
  debug: "90",
  info: "36",
  warn: "33",
  error: "31",
};

function prettify(line: string, colours: boolean): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, string | number | boolean>;
  const clock = String(time).slice(11, 23);
  const tail = Object.entries(fields)
    .map(
      ([key, value]) =>
        `${key}=${typeof value === "string" && /\s/.test(value) ? JSON.stringify(value) : value}`,
    )
    .join(" ");
  const paint = (code: string, text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const label = paint(COLOUR_BY_LEVEL[String(level)] ?? "0", String(level).padEnd(5));
  return `${clock} ${label} ${msg}${tail === "" ? "" : ` ${paint("90", tail)}`}\n`;
}
