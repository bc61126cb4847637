/** An agent process for benchmarks: started by its command line, observed from outside. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export interface BenchAgent {
  readonly pid: number;
  readonly url: string;
  /** Resident memory in MB, as the kernel counts it. */
  rssMb(): Promise<number>;
  /** What the heap holds, in MB, once its garbage is collected. */
  heapMb(): Promise<number>;
  /** Value of a metric (the sum over its labels). */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

const HEAP_DEADLINE_MS = 10_000;

/** Starts `oracle-agent run` with nothing but `env`, without an election: what is measured is the price loop. */
export async function startBenchAgent(env: Readonly<Record<string, string>>): Promise<BenchAgent> {
  const port = await freePort();
  const stateDir = mkdtempSync(join(tmpdir(), "oracle-bench-"));
  const heapFile = join(stateDir, "heap-bytes");
  const preload = join(import.meta.dir, "tell-heap.ts");
  const flags = ["--no-orphans", "--preload", preload];
  const child = Bun.spawn([process.execPath, ...flags, "agent/src/cli.ts", "run"], {
    cwd: resolve(import.meta.dir, "../.."),
    env: {
      PATH: process.env.PATH ?? "",
      LOG_LEVEL: "error",
      LEADER_ELECTION_ENABLED: "false",
      ...env,
      HEALTH_CHECK_HOST: "127.0.0.1",
      HEALTH_CHECK_PORT: String(port),
      STATE_DIR: stateDir,
      BENCH_HEAP_FILE: heapFile,
    },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    pid: child.pid,
    url,
    async rssMb() {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
    },
    async heapMb() {
      rmSync(heapFile, { force: true });
      child.kill("SIGUSR2");
      const deadline = performance.now() + HEAP_DEADLINE_MS;
      while (!existsSync(heapFile)) {
        if (performance.now() > deadline) throw new Error("the agent does not tell its heap");
        await Bun.sleep(20);
      }
      return Number(await readFile(heapFile, "utf8")) / 1e6;
    },
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) })).text();
      return text
        .split("\n")
        .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
    },
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((settle, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? settle(address.port) : reject(new Error("no port")),
      );
    });
  });
}
