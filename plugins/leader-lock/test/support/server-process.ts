/**
 * A server of a test that cannot outlive it. A shell stands between: it starts the server and holds the other end of a
 * pipe of ours. The kernel closes that pipe whichever way we die (SIGKILL included); the shell then kills the server with
 * its children and removes its folder. Only a kill by {@link ServerProcess.kill} leaves the folder, for another start.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

// The children come first from a stopped parent, so that none is missed. `wait` returns when the server has ended.
const SUPERVISE = `
exec 3<&0
directory=$1
shift
"$@" </dev/null 3<&- >>"$directory/server.log" 2>&1 &
child=$!
echo "$child"
{
  read -r _ <&3
  : >"$directory/over"
  kill -STOP "$child"
  kill -9 $(cat "/proc/$child/task/$child/children")
  kill -9 "$child"
} >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$child"
kill "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
if [ -e "$directory/over" ]; then rm -rf "$directory"; fi
`;

const READY_DEADLINE_MS = 30_000;
const READY_POLL_MS = 20;
const LOG_TAIL_CHARACTERS = 2_000;

export interface ServerProcessOptions {
  /** The server's own folder: its log is written there, and it is removed with the server. */
  readonly directory: string;
  readonly command: readonly string[];
  /** Whether the server answers; asked again and again after the start. `log` is what this start has written so far. */
  readonly isReady: (log: string) => Promise<boolean>;
}

export interface ServerProcess {
  readonly pid: number;
  /** SIGKILL for the server and its children; the folder stays. Returns when they are gone. */
  kill(): Promise<void>;
  /** SIGSTOP, children included. */
  freeze(): void;
  /** SIGCONT, children included. */
  thaw(): void;
  /** Ends the server, also when it is frozen, and removes its folder. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a server and waits until it is ready. @throws with the end of the server's log when it does not get there. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const logFile = join(options.directory, "server.log");
  const logStart = readIfThere(logFile).length;
  const shell = Bun.spawn(
    ["/bin/sh", "-c", SUPERVISE, "server-supervisor", options.directory, ...options.command],
    { stdin: "pipe", stdout: "pipe", stderr: "ignore", detached: true, env: cleanEnvironment() },
  );
  const pid = await firstNumber(shell.stdout);
  const stop = async () => {
    await shell.stdin.end();
    await shell.exited;
    // A supervisor whose server was killed before has left it.
    rmSync(options.directory, { recursive: true, force: true });
  };
  const signal = (name: NodeJS.Signals) => {
    // The parent first when it is stopped and last when it goes on: it starts no child in between.
    const pids = name === "SIGCONT" ? [...childrenOf(pid), pid] : [pid];
    for (const each of pids) process.kill(each, name);
    if (name !== "SIGCONT") for (const child of childrenOf(pid)) sendSignal(child, name);
  };

  const overdueMs = performance.now() + READY_DEADLINE_MS;
  while (true) {
    const log = readIfThere(logFile).slice(logStart);
    if (shell.exitCode !== null || performance.now() > overdueMs) {
      const end = log.slice(-LOG_TAIL_CHARACTERS);
      const what = shell.exitCode === null ? "was not ready in time" : "ended before it was ready";
      await stop();
      throw new Error(`${options.command[0]} ${what}:\n${end}`);
    }
    if (await options.isReady(log)) break;
    await Bun.sleep(READY_POLL_MS);
  }
  return {
    pid,
    kill: async () => {
      if (shell.exitCode !== null) return;
      signal("SIGSTOP");
      const children = childrenOf(pid);
      for (const each of [...children, pid]) sendSignal(each, "SIGKILL");
      await shell.exited;
      while (children.some(isAlive)) await Bun.sleep(READY_POLL_MS);
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    stop,
  };
}

/** What a developer has set up for servers and clients of their own does not reach those of a test. */
function cleanEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PG|ETCD)/.test(name)));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

async function firstNumber(stream: ReadableStream<Uint8Array>): Promise<number> {
  let text = "";
  for await (const chunk of stream) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) return Number.parseInt(text, 10);
  }
  throw new Error("the supervisor ended before it had started the server");
}

/** Empty where the system does not tell. */
function childrenOf(pid: number): number[] {
  return readIfThere(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((text) => text !== "")
    .map(Number);
}

/** Sends a signal to a process that may just have ended. */
function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** False for a process that has ended, also while nobody has asked how. */
function isAlive(pid: number): boolean {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat !== "" && !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
}
