/** `npm start` on a terminal of 100 columns: what it writes, and somebody who types. */
import { fileURLToPath } from "node:url";

const START = fileURLToPath(new URL("../../src/start.ts", import.meta.url));
const STOP_DEADLINE_MS = 15_000;

export interface ShowTerminal extends AsyncDisposable {
  type(text: string): void;
  /** Waits until something was written after the last call that matches. */
  shows(pattern: RegExp, deadlineMs: number): Promise<RegExpExecArray>;
  output(): string;
  readonly exited: Promise<number>;
}

export function startShowOnTerminal(args: readonly string[]): ShowTerminal {
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  const decoder = new TextDecoder();
  let output = "";
  let from = 0;
  let wake: () => void = () => undefined;
  const child = Bun.spawn([process.execPath, "--no-orphans", START, ...args], {
    env: { PATH, HOME, TERM: "xterm-256color", ...(TMPDIR === undefined ? {} : { TMPDIR }) },
    terminal: {
      cols: 100,
      rows: 40,
      data(_terminal, piece) {
        output += decoder.decode(piece, { stream: true });
        wake();
      },
    },
  });
  return {
    type: (text) => void child.terminal?.write(text),
    output: () => output,
    exited: child.exited,
    async shows(pattern, deadlineMs) {
      const endMs = performance.now() + deadlineMs;
      for (;;) {
        const found = pattern.exec(output.slice(from));
        if (found !== null) {
          from += found.index + found[0].length;
          return found;
        }
        if (performance.now() > endMs || child.exitCode !== null)
          throw new Error(`never shown: ${pattern}\n${output.slice(from)}`);
        await new Promise<void>((resolve) => {
          const overdue = setTimeout(resolve, 1_000);
          wake = () => {
            clearTimeout(overdue);
            resolve();
          };
        });
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const overdue = setTimeout(() => child.kill("SIGKILL"), STOP_DEADLINE_MS);
      await child.exited;
      clearTimeout(overdue);
      child.terminal?.close();
    },
  };
}
