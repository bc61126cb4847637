/** `npm start` as a process of its own: its lines as they come, its end. */
import { fileURLToPath } from "node:url";

const START = fileURLToPath(new URL("../../src/start.ts", import.meta.url));

const STOP_DEADLINE_MS = 15_000;

export interface Started extends AsyncDisposable {
  /** Everything it wrote so far. */
  output(): string;
  /** Waits for a line that matches. */
  line(pattern: RegExp, deadlineMs: number): Promise<string>;
  signal(name: "SIGINT"): void;
  readonly exited: Promise<number>;
}

/** Its output is no terminal. It depends on nothing in the environment of the test but where programs and files are. */
export function startShow(args: readonly string[]): Started {
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  const child = Bun.spawn([process.execPath, "--no-orphans", START, ...args], {
    env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  let wake: () => void = () => undefined;
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      output += decoder.decode(chunk, { stream: true });
      wake();
    }
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const exited = Promise.all([child.exited, collected]).then(([code]) => code);
  return {
    output: () => output,
    exited,
    signal: (name) => child.kill(name),
    async line(pattern, deadlineMs) {
      const endMs = performance.now() + deadlineMs;
      for (;;) {
        const found = output
          .split("\n")
          .slice(0, -1)
          .find((line) => pattern.test(line));
        if (found !== undefined) return found;
        const leftMs = endMs - performance.now();
        if (leftMs <= 0 || child.exitCode !== null) throw new Error(`it never said ${pattern}:\n${output}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, Math.min(leftMs, 1_000));
        });
      }
    },
    async [Symbol.asyncDispose]() {
      // In order first: killed, it would leave its files.
      child.kill("SIGINT");
      const overdue = setTimeout(() => child.kill("SIGKILL"), STOP_DEADLINE_MS);
      await exited;
      clearTimeout(overdue);
    },
  };
}
