/** An agent as its users run it: its own process, configured by environment variables alone. */
import { createServer } from "node:net";
import { resolve } from "node:path";

export interface AgentProcess {
  readonly botId: string;
  readonly healthUrl: string;
  readonly pid: number;
  /** Settles with the exit code. */
  readonly exited: Promise<number>;
  /** SIGTERM, and SIGKILL when it does not end in time. */
  stop(): Promise<void>;
}

export interface AgentProcessOptions {
  readonly botId: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stateDir: string;
  /** The port to serve health on when it is free; 0: any. */
  readonly preferredPort: number;
  readonly onLine: (line: string) => void;
}

const STOP_DEADLINE_MS = 6_000;
const REPOSITORY = resolve(import.meta.dir, "../../../..");

/** Starts `oracle-agent run`. Its output arrives line by line at `onLine`. */
export async function startAgentProcess(options: AgentProcessOptions): Promise<AgentProcess> {
  const port = await freePort(options.preferredPort);
  const child = Bun.spawn([process.execPath, "--no-orphans", "agent/src/cli.ts", "run"], {
    cwd: REPOSITORY,
    // Only what an agent needs: the demonstration must not depend on the shell it is started from.
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      LOG_FORMAT: "pretty",
      ...options.env,
      BOT_ID: options.botId,
      HEALTH_CHECK_HOST: "127.0.0.1",
      HEALTH_CHECK_PORT: String(port),
      STATE_DIR: options.stateDir,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    // Its own session: Ctrl-C reaches us first, and we stop it in order.
    detached: true,
  });
  const drained = Promise.all([
    forwardLines(child.stdout, options.onLine),
    forwardLines(child.stderr, options.onLine),
  ]);
  return {
    botId: options.botId,
    healthUrl: `http://127.0.0.1:${port}/health`,
    pid: child.pid,
    exited: child.exited,
    async stop() {
      child.kill("SIGTERM");
      const overdue = setTimeout(() => child.kill("SIGKILL"), STOP_DEADLINE_MS);
      await child.exited;
      clearTimeout(overdue);
      await drained;
    },
  };
}

async function forwardLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) if (line !== "") onLine(line);
  }
  if (rest !== "") onLine(rest);
}

/** `preferred` when nobody listens on it, else one that the kernel picks. */
function freePort(preferred: number): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<number | undefined>((settle) => {
      const server = createServer();
      server.once("error", () => settle(undefined));
      server.listen(port, "127.0.0.1", () => {
        const address = server.address();
        server.close(() => settle(typeof address === "object" ? address?.port : undefined));
      });
    });
  return tryPort(preferred).then(async (port) => port ?? (await tryPort(0)) ?? preferred);
}
