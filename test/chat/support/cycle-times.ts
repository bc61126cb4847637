/**
 * How long the cycles of a real agent take, each by itself, read off its metrics page while it runs; and how long that page takes,
 * which waits like a cycle for whatever keeps the process busy.
 */
import type { FleetAgent } from "../../fleet/support/agent.ts";

/** Shorter than the pause between two cycles: what came in between two looks is one cycle, or on a slow machine a few. */
const LOOK_EVERY_MS = 40;
const PAGE_DEADLINE_MS = 5_000;

interface Counts {
  readonly cycles: number;
  readonly totalMs: number;
  readonly updates: number;
}

export class CycleTimes implements AsyncDisposable {
  /** Durations in ms of cycles that looked and did not push, in their order. One that pushes waits for blocks above all. */
  looksMs: number[] = [];
  /** From asking for the page to having it, in ms. */
  pagesMs: number[] = [];
  readonly #page: string;
  readonly #over = new AbortController();
  readonly #reading: Promise<void>;

  private constructor(page: string) {
    this.#page = page;
    this.#reading = this.#read();
  }

  static async of(agent: FleetAgent): Promise<CycleTimes> {
    return new CycleTimes(`${await agent.url()}/metrics`);
  }

  /** Begins anew. */
  reset(): void {
    this.looksMs = [];
    this.pagesMs = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    let last = await this.#counts();
    while (!this.#over.signal.aborted) {
      await Bun.sleep(LOOK_EVERY_MS);
      const now = await this.#counts();
      const cycles = now.cycles - last.cycles;
      if (cycles === 0) continue;
      const eachMs = (now.totalMs - last.totalMs) / cycles;
      if (now.updates === last.updates) this.looksMs.push(...Array<number>(cycles).fill(eachMs));
      last = now;
    }
  }

  async #counts(): Promise<Counts> {
    const askedAtMs = performance.now();
    const response = await fetch(this.#page, { signal: AbortSignal.timeout(PAGE_DEADLINE_MS) });
    const text = await response.text();
    this.pagesMs.push(performance.now() - askedAtMs);
    const value = (name: string) =>
      Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, "m").exec(text)?.[1] ?? 0);
    return {
      cycles: value("oracle_cycle_duration_seconds_count"),
      totalMs: value("oracle_cycle_duration_seconds_sum") * 1_000,
      updates: value("oracle_total_updates"),
    };
  }
}

/** The smallest of `values` that `share` (0 to 1) of them do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
