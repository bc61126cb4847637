/** A real agent process under test: its lines as they come, its port, its exit. */
import { fileURLToPath } from "node:url";
import { systemClock, withDeadline } from "@jeju-oracle/kit";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
const LINE_DEADLINE_MS = 15_000;
const EXIT_DEADLINE_MS = 15_000;

export interface SpawnedAgent extends AsyncDisposable {
  readonly pid: number;
  /** Everything on stdout and stderr so far. */
  output(): string;
  /** Waits for a line that contains `text`. */
  line(text: string): Promise<string>;
  /** The base URL, once the port is open. */
  url(): Promise<string>;
  signal(name: "SIGTERM" | "SIGINT" | "SIGSTOP" | "SIGCONT" | "SIGKILL"): void;
  /** Resolves with the exit code, whenever that is. */
  readonly exited: Promise<number>;
  /** Waits for the exit code. */
  exitCode(): Promise<number>;
  /** Stops reading stdout, as a log pipe that was closed. */
  closeOutput(): Promise<void>;
}

/** A test must not be told the digest when it runs at eight o'clock. */
const NO_REPORTS = { DAILY_DIGEST_CRON: "off", DRILL_REMINDER_CRON: "off" };
/** Where no file can be. */
const NO_LOCK_FILE = "/dev/null/leader.lock";

/**
 * Only what is given: a test must not depend on the environment it is run in. An agent that is given no LEADER_LOCK_FILE can
 * elect nobody: with the default it would meet the agents of whatever else runs on this machine.
 */
export function spawnCli(args: readonly string[], env: Readonly<Record<string, string>>): SpawnedAgent {
  return spawnScript(CLI, args, env);
}

export function spawnScript(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): SpawnedAgent {
  const child = Bun.spawn([process.execPath, script, ...args], {
    env: { LEADER_LOCK_FILE: NO_LOCK_FILE, ...NO_REPORTS, ...env, PATH: process.env.PATH ?? "" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const closing = new AbortController();
  const readers = [child.stdout, child.stderr].map((stream) =>
    collect(stream, closing.signal, (line) => {
      lines.push(line);
      for (const wake of waiting) wake();
    }),
  );
  const ended = Promise.all([child.exited, ...readers]);
  void ended.then(() => {
    for (const wake of waiting) wake();
  });

  async function line(text: string): Promise<string> {
    return withDeadline(systemClock, `line "${text}"`, LINE_DEADLINE_MS, async (signal) => {
      while (!signal.aborted) {
        const found = lines.find((candidate) => candidate.includes(text));
        if (found !== undefined) return found;
        if (child.exitCode !== null && Bun.peek.status(ended) === "fulfilled") break;
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
      throw new Error(`the agent never said "${text}":\n${lines.join("\n")}`);
    });
  }

  return {
    pid: child.pid,
    output: () => lines.join("\n"),
    line,
    async url() {
      const { port } = JSON.parse(await line("HTTP is up")) as { port: number };
      return `http://127.0.0.1:${port}`;
    },
    signal: (name) => child.kill(name),
    exited: child.exited,
    async exitCode() {
      await withDeadline(systemClock, "exit of the agent", EXIT_DEADLINE_MS, () => ended);
      return child.exitCode ?? -1;
    },
    async closeOutput() {
      closing.abort();
      await readers[0];
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill("SIGKILL");
      await child.exited;
    },
  };
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  closing: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const onClose = () => void reader.cancel();
  closing.addEventListener("abort", onClose);
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const pieces = (rest + decoder.decode(part.value, { stream: true })).split("\n");
    rest = pieces.pop() ?? "";
    for (const piece of pieces) onLine(piece);
  }
  if (rest !== "") onLine(rest);
}
