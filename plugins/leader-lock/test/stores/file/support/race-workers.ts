/** Worker processes and what they report. Each is ended by its id. */
import { join } from "node:path";
import type { Command, Report } from "./race-worker.ts";

const WORKER = join(import.meta.dir, "race-worker.ts");

interface Waiting {
  readonly type: Report["type"];
  readonly resolve: (report: Report) => void;
  readonly reject: (error: Error) => void;
}

export class RaceWorker {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #onReport: (report: Report) => void;
  readonly #waiting: Waiting[] = [];
  readonly #reading: Promise<void>;

  constructor(lockFile: string, onReport: (report: Report) => void) {
    this.#onReport = onReport;
    this.#child = Bun.spawn([process.execPath, WORKER, lockFile], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#reading = this.#read();
  }

  tell(command: Command): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    this.#child.stdin.flush();
  }

  /** The next report of a type: ask before the command that causes it. @throws when the worker fails or ends first. */
  next<Type extends Report["type"]>(type: Type): Promise<Extract<Report, { type: Type }>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ type, resolve: resolve as (report: Report) => void, reject });
    });
  }

  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }

  /** Ends the process at once, paused or not. Returns when all it had reported was read. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
    await this.#reading;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of this.#child.stdout) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#deliver(JSON.parse(line) as Report);
    }
    this.#giveUp("the worker ended");
  }

  #deliver(report: Report): void {
    this.#onReport(report);
    if (report.type === "failed") this.#giveUp(report.what);
    const index = this.#waiting.findIndex(({ type }) => type === report.type);
    if (index >= 0) this.#waiting.splice(index, 1)[0]?.resolve(report);
  }

  #giveUp(why: string): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(why));
  }
}

/** Starts `count` workers; returns when all are ready. */
export async function startWorkers(
  count: number,
  lockFile: string,
  onReport: (report: Report, worker: number) => void,
): Promise<RaceWorker[]> {
  const workers = Array.from({ length: count }, (_, index) => {
    const worker = new RaceWorker(lockFile, (report) => onReport(report, index));
    return { worker, ready: worker.next("ready") };
  });
  await Promise.all(workers.map(({ ready }) => ready));
  return workers.map(({ worker }) => worker);
}
