/** Output of a long-running command: lines that stay, and on a terminal a block below them that is redrawn. */

/** What is so now. */
export interface LiveStatus {
  /** For a terminal: lines of at most `columns` characters. */
  block(columns: number): readonly string[];
  /** The same in one line, for a log. */
  line(): string;
}

export interface LiveOutput {
  /** Whether lines may have colours. */
  readonly colours: boolean;
  /** Prints a line that stays. */
  line(text: string): void;
  /** Replaces the block; without a terminal the status becomes a line at most once per interval. */
  status(status: LiveStatus): void;
  /** Removes the block. */
  close(): void;
}

export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** Of a terminal that does not tell its size. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
/** Without a terminal a status is a log: often enough to see life, rare enough to read. The first one comes after that time. */
const PLAIN_STATUS_EVERY_MS = 5_000;

/**
 * @param coloursWanted Whether a terminal may show colours: false for NO_COLOR.
 * @param monotonicMs The time in ms that paces a log.
 */
export function createLiveOutput(
  stream: OutputStream,
  coloursWanted: boolean,
  monotonicMs: () => number = () => performance.now(),
): LiveOutput {
  return stream.isTTY === true ? terminalOutput(stream, coloursWanted) : plainOutput(stream, monotonicMs);
}

function plainOutput(stream: OutputStream, monotonicMs: () => number): LiveOutput {
  let lastStatusAtMs = monotonicMs();
  return {
    colours: false,
    line: (text) => void stream.write(`${text}\n`),
    status(status) {
      const nowMs = monotonicMs();
      if (nowMs - lastStatusAtMs < PLAIN_STATUS_EVERY_MS) return;
      lastStatusAtMs = nowMs;
      stream.write(`${status.line()}\n`);
    },
    close: () => undefined,
  };
}

function terminalOutput(stream: OutputStream, colours: boolean): LiveOutput {
  let current: LiveStatus | undefined;
  let drawnLines = 0;
  /** To the start of the block, and everything from there removed. */
  const erasure = () => {
    const up = drawnLines > 1 ? `\u001b[${drawnLines - 1}A` : "";
    return drawnLines === 0 ? "" : `\r${up}\u001b[J`;
  };
  // One write per change: what is erased is never seen missing. The last column stays free, since some terminals wrap there.
  const redraw = (linesAbove: string) => {
    const columns = (stream.columns || DEFAULT_COLUMNS) - 1;
    const block = current?.block(columns).slice(0, (stream.rows || DEFAULT_ROWS) - 1) ?? [];
    stream.write(`${erasure()}${linesAbove}${block.join("\n")}`);
    drawnLines = block.length;
  };
  return {
    colours,
    line: (text) => redraw(`${text}\n`),
    status(status) {
      current = status;
      redraw("");
    },
    close() {
      current = undefined;
      redraw("");
    },
  };
}
