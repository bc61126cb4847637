/** The operator's command line as a process: what it printed where, and how it ended. */
import { fileURLToPath } from "node:url";
import { systemClock, withDeadline } from "@jeju-oracle/kit";

export const CLI = fileURLToPath(new URL("../../../src/cli.ts", import.meta.url));
const DEADLINE_MS = 60_000;

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Only what is given is in its environment. */
export async function runCli(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  onStart: (kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
): Promise<CliRun> {
  const child = Bun.spawn([process.execPath, CLI, ...words], {
    env: { ...env, PATH: process.env.PATH ?? "" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  onStart((signal) => child.kill(signal));
  try {
    const [stdout, stderr, exitCode] = await withDeadline(systemClock, words.join(" "), DEADLINE_MS, () =>
      Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]),
    );
    return { exitCode, stdout, stderr };
  } finally {
    if (child.exitCode === null) child.kill("SIGKILL");
    await child.exited;
  }
}

/** The command line on a terminal of its own. */
export class TerminalRun implements AsyncDisposable {
  readonly #child: Bun.Subprocess;
  #screen = "";
  #onOutput: () => void = () => undefined;

  constructor(words: readonly string[], env: Readonly<Record<string, string>>) {
    const decoder = new TextDecoder();
    this.#child = Bun.spawn([process.execPath, CLI, ...words], {
      env: { ...env, PATH: process.env.PATH ?? "" },
      terminal: {
        cols: 110,
        rows: 40,
        data: (_terminal, bytes) => {
          this.#screen += decoder.decode(bytes, { stream: true });
          this.#onOutput();
        },
      },
    });
  }

  /** Everything that was written, escapes included. */
  get screen(): string {
    return this.#screen;
  }

  /** Waits until the screen has shown `text`. */
  async shown(text: string): Promise<void> {
    await withDeadline(systemClock, `"${text}" on the terminal`, DEADLINE_MS, async (signal) => {
      while (!this.#screen.includes(text) && !signal.aborted) {
        await new Promise<void>((resolve) => {
          this.#onOutput = resolve;
        });
      }
    });
  }

  type(keys: string): void {
    this.#child.terminal?.write(keys);
  }

  exitCode(): Promise<number> {
    return withDeadline(systemClock, "exit of the command", DEADLINE_MS, () => this.#child.exited);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill("SIGKILL");
    await this.#child.exited;
    this.#child.terminal?.close();
  }
}
