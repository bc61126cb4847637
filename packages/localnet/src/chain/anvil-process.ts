/**
 * One anvil process that cannot outlive us. A shell stands between: it starts anvil, reports its pid, and holds the
 * other end of a pipe of ours. The kernel closes that pipe whichever way we die (SIGKILL included), and the shell
 * then kills anvil. The shell is anvil's parent, so the pid it kills can never have been reused.
 */
import { createRequire } from "node:module";
import { describeError } from "@jeju-oracle/kit";
import { ChainStartError } from "../errors.ts";

// `wait` returns when anvil ends by itself or was killed; then the watcher goes too, and nothing is left.
const SUPERVISE = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
echo "pid $child"
{ read -r _ <&3; kill -9 "$child"; } >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$child"
code=$?
kill "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
exit "$code"
`;

const START_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 5_000;
const OUTPUT_TAIL_LINES = 30;

export interface AnvilProcess {
  /** Process id of anvil itself, not of the supervising shell. */
  readonly pid: number;
  readonly port: number;
  /** Settles with the exit code when anvil is gone for whatever reason. */
  readonly exited: Promise<number>;
  /** The last lines anvil printed. */
  outputTail(): string;
  /** Ends anvil, also when it is stopped by a signal. Idempotent. */
  stop(): Promise<void>;
}

/** The platform's own binary: the npm wrapper would start it as an unsupervised grandchild. */
function resolveAnvilBinary(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const platform = process.platform === "win32" ? "win32" : process.platform;
  const suffix = process.platform === "win32" ? ".exe" : "";
  const name = `@foundry-rs/anvil-${platform}-${architecture}/bin/anvil${suffix}`;
  // The platform package is an optional dependency of the wrapper, so it resolves from there.
  const fromWrapper = createRequire(createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json"));
  try {
    return fromWrapper.resolve(name);
  } catch (cause) {
    throw new ChainStartError(`no anvil binary for ${process.platform}-${process.arch} (${name})`, "", cause);
  }
}

/** Keeps the last lines of a stream, and tells each line to a listener until told otherwise. */
class OutputTail {
  #lines: string[] = [];
  onLine: ((line: string) => void) | undefined;

  async drain(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = (parts.pop() ?? "").slice(-10_000);
      for (const line of parts) {
        this.#lines.push(line);
        this.onLine?.(line);
      }
      if (this.#lines.length > OUTPUT_TAIL_LINES) this.#lines = this.#lines.slice(-OUTPUT_TAIL_LINES);
    }
  }

  text(): string {
    return this.#lines.filter((line) => line.trim() !== "").join("\n");
  }
}

/**
 * Starts anvil on a port the kernel picks (so two never collide) and waits until it listens.
 * @throws {ChainStartError} when the binary is missing or does not listen within 10 s.
 */
export async function spawnAnvil(args: readonly string[]): Promise<AnvilProcess> {
  const binary = resolveAnvilBinary();
  const command = [binary, "--host", "127.0.0.1", "--port", "0", "--color", "never", ...args];
  const shell = Bun.spawn(["/bin/sh", "-c", SUPERVISE, "anvil-supervisor", ...command], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    // Its own session: Ctrl-C in a terminal reaches us first, and we decide when the chain goes.
    detached: true,
  });
  const tail = new OutputTail();
  const drained = Promise.allSettled([tail.drain(shell.stdout), tail.drain(shell.stderr)]);

  const started = Promise.withResolvers<{ pid: number; port: number }>();
  let pid: number | undefined;
  tail.onLine = (line) => {
    const pidText = /^pid (\d+)$/.exec(line)?.[1];
    if (pidText !== undefined) pid = Number(pidText);
    const portText = /^Listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (portText !== undefined && pid !== undefined) started.resolve({ pid, port: Number(portText) });
  };
  void shell.exited.then(async (code) => {
    await drained;
    started.reject(new ChainStartError(`anvil ended with code ${code} before it listened`, tail.text()));
  });
  const deadline = setTimeout(
    () =>
      started.reject(new ChainStartError(`anvil did not listen within ${START_DEADLINE_MS} ms`, tail.text())),
    START_DEADLINE_MS,
  );

  const stop = async () => {
    if (shell.exitCode !== null) return;
    // SIGKILL: nothing to save, and unlike SIGTERM it also ends a process that is stopped. Closing the pipe makes
    // the supervisor do the killing, which is right even while the pid is not known yet.
    await shell.stdin.end();
    const overdue = setTimeout(() => shell.kill("SIGKILL"), STOP_DEADLINE_MS);
    await shell.exited;
    clearTimeout(overdue);
    await drained;
  };

  try {
    const { pid: anvilPid, port } = await started.promise;
    return { pid: anvilPid, port, exited: shell.exited, outputTail: () => tail.text(), stop };
  } catch (error) {
    await stop();
    if (error instanceof ChainStartError) throw error;
    throw new ChainStartError(describeError(error), tail.text(), error);
  } finally {
    clearTimeout(deadline);
    tail.onLine = undefined;
  }
}
