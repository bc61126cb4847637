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
  /** Of the terminal now; of a log what is usual. */
  readonly columns: number;
  /** Prints a line that stays. */
  line(text: string): void;
  /** Replaces the block; without a terminal the status becomes a line at most once per interval. */
  status(status: LiveStatus): void;
  /** Shows a line below the block, with the terminal's cursor in it, in which somebody types; undefined: none. Only on a terminal. */
  prompt(view: LivePrompt | undefined): void;
  /** Removes the block. */
  close(): void;
}

/** What is typed, in less than `columns` columns, and the cursor's column in it, from 0. */
type LivePrompt = (columns: number) => { readonly text: string; readonly column: number };

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
    columns: DEFAULT_COLUMNS,
    prompt: () => undefined,
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
  let prompt: LivePrompt | undefined;
  let drawnLines = 0;
  /** To the start of the block, and everything from there removed. */
  const erasure = () => {
    const up = drawnLines > 1 ? `\u001b[${drawnLines - 1}A` : "";
    return drawnLines === 0 ? "" : `\r${up}\u001b[J`;
  };
  // One write per change: what is erased is never seen missing. The last column stays free, since some terminals wrap there.
  const redraw = (linesAbove: string) => {
    const columns = (stream.columns || DEFAULT_COLUMNS) - 1;
    const typed = prompt?.(columns);
    const room = (stream.rows || DEFAULT_ROWS) - (typed === undefined ? 1 : 2);
    const block = [
      ...(current?.block(columns).slice(0, Math.max(0, room)) ?? []),
      ...(typed === undefined ? [] : [typed.text]),
    ];
    stream.write(`${erasure()}${linesAbove}${block.join("\n")}${toCursor(typed)}`);
    drawnLines = block.length;
  };
  return {
    colours,
    get columns() {
      return stream.columns || DEFAULT_COLUMNS;
    },
    line: (text) => redraw(`${text}\n`),
    status(status) {
      current = status;
      redraw("");
    },
    prompt(view) {
      prompt = view;
      redraw("");
    },
    close() {
      current = undefined;
      prompt = undefined;
      redraw("");
    },
  };
}

/** Along the last line, on which the terminal's cursor stands. */
function toCursor(typed: { readonly column: number } | undefined): string {
  if (typed === undefined) return "";
  return typed.column === 0 ? "\r" : `\r\u001b[${typed.column}C`;
}
