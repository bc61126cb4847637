/** A real agent process of a fleet under test: its lines with their times, its pages, and every signal that can hit it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { systemClock, withDeadline } from "@jeju-oracle/kit";

const CLI = fileURLToPath(new URL("../../../agent/src/cli.ts", import.meta.url));
const LINE_DEADLINE_MS = 30_000;
const EXIT_DEADLINE_MS = 15_000;
const PAGE_DEADLINE_MS = 5_000;

export interface LogLine {
  /** When it arrived here, by performance.now(). */
  readonly atMs: number;
  readonly text: string;
}

/** A line of the JSON log, with the wall clock of the agent. */
export interface LogEntry {
  readonly wallMs: number;
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface AgentPage {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface FleetAgentOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Command that runs the agent by its last arguments. */
  readonly wrapper?: Wrapper;
}

export interface Wrapper {
  readonly command: readonly string[];
  /** Whether the agent is the command's only child; otherwise it takes its place. */
  readonly forks: boolean;
}

export class FleetAgent implements AsyncDisposable {
  readonly botId: string;
  readonly env: Readonly<Record<string, string>>;
  readonly startedAtMs = performance.now();
  readonly lines: LogLine[] = [];
  readonly #child;
  readonly #forks: boolean;
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #stopped = false;

  constructor({ env, wrapper = { command: [], forks: false } }: FleetAgentOptions) {
    this.env = env;
    this.botId = env.BOT_ID ?? "";
    this.#forks = wrapper.forks;
    this.#child = Bun.spawn([...wrapper.command, process.execPath, CLI, "run"], {
      env: { ...env, PATH: process.env.PATH ?? "" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const readers = [this.#child.stdout, this.#child.stderr].map((stream) => this.#collect(stream));
    this.#ended = Promise.all([this.#child.exited, ...readers]).then(() => this.#wake());
  }

  /** Of the agent itself, as this process sees it. */
  get pid(): number {
    if (!this.#forks) return this.#child.pid;
    const children = readFileSync(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, "utf8");
    const [child] = children.split(" ").map(Number);
    if (child === undefined || child === 0) throw new Error(`${this.botId} does not run`);
    return child;
  }

  get output(): string {
    return this.lines.map(({ text }) => text).join("\n");
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The first line that contains `text`, among those from `fromLine` on; waits for it. */
  async line(text: string, { fromLine = 0, deadlineMs = LINE_DEADLINE_MS } = {}): Promise<LogLine> {
    return withDeadline(systemClock, `${this.botId}: line "${text}"`, deadlineMs, async (signal) => {
      while (!signal.aborted) {
        const found = this.lines.slice(fromLine).find((candidate) => candidate.text.includes(text));
        if (found !== undefined) return found;
        if (!this.alive && Bun.peek.status(this.#ended) === "fulfilled") break;
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
      throw new Error(`${this.botId} never said "${text}":\n${this.output}`);
    });
  }

  /** Lines so far that contain `text`. */
  linesWith(text: string): readonly LogLine[] {
    return this.lines.filter((line) => line.text.includes(text));
  }

  /** The base URL, once the port is open. */
  async url(): Promise<string> {
    const { host, port } = entryOf(await this.line("HTTP is up"));
    return `http://${host}:${port}`;
  }

  async health(): Promise<AgentPage> {
    const response = await fetch(`${await this.url()}/health`, {
      signal: AbortSignal.timeout(PAGE_DEADLINE_MS),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Sum of a metric's series whose labels contain `labels`, written as Prometheus does; undefined without one. */
  async metric(name: string, labels = ""): Promise<number | undefined> {
    const response = await fetch(`${await this.url()}/metrics`, {
      signal: AbortSignal.timeout(PAGE_DEADLINE_MS),
    });
    const values = (await response.text())
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) && line.includes(labels))
      .map((line) => Number(line.slice(line.lastIndexOf(" ") + 1)));
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
  }

  /** Sends a signal to the agent itself. SIGSTOP returns once the process stands still. */
  async signal(name: NodeJS.Signals): Promise<void> {
    const { pid } = this;
    process.kill(pid, name);
    if (name !== "SIGSTOP" && name !== "SIGCONT") return;
    this.#stopped = name === "SIGSTOP";
    while (this.#stopped && !isStopped(pid)) await Bun.sleep(1);
  }

  /** SIGKILL; returns when the process is gone. */
  async killHard(): Promise<void> {
    if (!this.alive) return;
    await this.signal("SIGKILL");
    await this.exitCode();
  }

  /** SIGTERM, and its exit code. */
  async stop(): Promise<number> {
    if (this.alive) await this.signal("SIGTERM");
    return this.exitCode();
  }

  /** Waits for the end. -1 when a signal ended it. */
  async exitCode(): Promise<number> {
    await withDeadline(systemClock, `exit of ${this.botId}`, EXIT_DEADLINE_MS, () => this.#ended);
    return this.#child.exitCode ?? -1;
  }

  /** CPU time in ms that the process has used, all threads. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, "utf8");
    // proc(5): utime and stime are fields 14 and 15; the name in brackets is field 2. 100 ticks a second on Linux.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The wrapper passes a kill on to its child (unshare --kill-child), a stopped process dies by SIGKILL as well.
    if (this.alive) this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const pieces = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = pieces.pop() ?? "";
      const atMs = performance.now();
      for (const text of pieces) this.lines.push({ atMs, text });
      this.#wake();
    }
    if (rest !== "") this.lines.push({ atMs: performance.now(), text: rest });
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

/** The JSON of a log line. */
export function entryOf({ text }: LogLine): LogEntry {
  const { time, ...fields } = JSON.parse(text) as { time: string; level: string; msg: string };
  return { ...fields, wallMs: Date.parse(time) };
}

function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")")).startsWith(") T");
}
