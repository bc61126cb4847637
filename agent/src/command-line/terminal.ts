/** Where a command speaks and asks. Results go to stdout, everything else to stderr; no secret leaves by either. */
import { scrubSecrets } from "@jeju-oracle/kit";

export interface Terminal {
  /** Whether a person can answer a question. */
  readonly interactive: boolean;
  /** Whether results may be coloured. */
  readonly colours: boolean;
  /** Columns that a result may use. */
  readonly columns: number;
  /** Writes a result. Resolves when it was handed on as a whole. */
  out(text: string): Promise<void>;
  /** Writes a line that is no result. */
  note(line: string): Promise<void>;
  /** Shows what is waited for, in place of what was shown before; an empty text takes it away. Only on a terminal. */
  status(text: string): void;
  /** A person's answer, one line; undefined when the input ends or `signal` aborts first. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>;
}

const DEFAULT_COLUMNS = 120;
const CLEAR_LINE = "\r\u001b[2K";

/** The terminal, or the pipes, of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  const columns = stdout.isTTY && stdout.columns > 0 ? stdout.columns : DEFAULT_COLUMNS;
  let statusShown = false;
  const clearStatus = () => {
    if (statusShown) stderr.write(CLEAR_LINE);
    statusShown = false;
  };
  return {
    interactive: stdin.isTTY === true && stderr.isTTY === true,
    // https://no-color.org: any value that is not empty.
    colours: stdout.isTTY === true && (process.env.NO_COLOR ?? "") === "",
    columns,
    async out(text) {
      clearStatus();
      await write(stdout, text);
    },
    async note(line) {
      clearStatus();
      await write(stderr, `${line}\n`);
    },
    status(text) {
      if (stderr.isTTY !== true) return;
      clearStatus();
      if (text === "") return;
      stderr.write(scrubSecrets(text.slice(0, Math.max(20, (stderr.columns || DEFAULT_COLUMNS) - 1))));
      statusShown = true;
    },
    async ask(question, signal) {
      clearStatus();
      await write(stderr, question);
      return readLine(stdin, signal);
    },
  };
}

/** Waits until the text was handed on: leaving the process earlier would cut it short. */
function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => stream.write(scrubSecrets(text), () => resolve()));
}

/** Longest answer that is read. */
const LONGEST_LINE = 1_000;

/** The terminal itself lets a person correct the line. */
function readLine(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const finish = (line: string | undefined) => {
      stdin.off("data", onData);
      stdin.off("end", onEnd);
      signal.removeEventListener("abort", onEnd);
      stdin.pause();
      resolve(line);
    };
    const onData = (part: Buffer | string) => {
      text += part.toString();
      if (text.includes("\n") || text.length > LONGEST_LINE) finish(text.split("\n")[0]);
    };
    const onEnd = () => finish(undefined);
    stdin.on("data", onData);
    stdin.once("end", onEnd);
    signal.addEventListener("abort", onEnd, { once: true });
    if (signal.aborted) onEnd();
  });
}
