/** Output of a long-running command: lines that stay, and on a terminal one line below them that is redrawn. */

export interface LiveOutput {
  /** Prints a line that stays. */
  line(text: string): void;
  /** Replaces the live line; without a terminal it becomes a line at most once per interval. */
  status(text: string): void;
  /** Removes the live line. */
  close(): void;
}

const CLEAR_LINE = "\r\u001b[2K";
/** Of a terminal that does not tell its width. */
const DEFAULT_COLUMNS = 80;
/** Without a terminal a status is a log: often enough to see life, rare enough to read. */
const PLAIN_STATUS_EVERY_MS = 5_000;

export function createLiveOutput(stream: {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}): LiveOutput {
  const terminal = stream.isTTY === true;
  let current = "";
  let lastPlainAtMs = Number.NEGATIVE_INFINITY;
  const draw = () => {
    const width = (stream.columns || DEFAULT_COLUMNS) - 1;
    const shown = current.length > width ? `${current.slice(0, width - 1)}…` : current;
    if (terminal && shown !== "") stream.write(shown);
  };
  return {
    line(text) {
      stream.write(terminal ? `${CLEAR_LINE}${text}\n` : `${text}\n`);
      draw();
    },
    status(text) {
      if (terminal) {
        stream.write(CLEAR_LINE);
        current = text;
        draw();
        return;
      }
      const nowMs = performance.now();
      if (nowMs - lastPlainAtMs < PLAIN_STATUS_EVERY_MS) return;
      lastPlainAtMs = nowMs;
      stream.write(`${text}\n`);
    },
    close() {
      if (terminal) stream.write(CLEAR_LINE);
      current = "";
    },
  };
}
