import { createLogger, type Logger } from "../log.ts";

export interface CapturedLog {
  readonly logger: Logger;
  /** Every line so far, as written. */
  readonly lines: readonly string[];
  /** Lines that contain `text`. */
  matching(text: string): readonly string[];
}

/** A logger that keeps its lines, for tests that assert what an operator can grep for. */
export function captureLog(level: "debug" | "info" = "info"): CapturedLog {
  const lines: string[] = [];
  const logger = createLogger({ level, format: "json", write: (line) => lines.push(line.trimEnd()) });
  return { logger, lines, matching: (text) => lines.filter((line) => line.includes(text)) };
}
