/** Looks at the price loop from memory, and takes a sample each hour: of the wallet, the updates that land and the lead. */
import {
  type AlertSink,
  type Clock,
  describeError,
  type LeadershipStatus,
  type Logger,
  type OracleSnapshot,
  sleep,
} from "@jeju-oracle/kit";
import { Gauge, type Registry } from "prom-client";
import { type LastDay, lastDayOf } from "./last-day.ts";
import { estimateRunway, NEEDED_MS, type Runway } from "./runway.ts";
import { RUNWAY_KEY, runwayCondition, runwayDays } from "./runway-text.ts";
import { KEPT_SAMPLES, SAMPLE_EVERY_MS, type Sample } from "./sample.ts";
import type { SampleFile } from "./sample-file.ts";

export interface WatchOptions {
  readonly snapshot: () => OracleSnapshot | undefined;
  readonly leadership: () => LeadershipStatus | undefined;
  readonly file: Pick<SampleFile, "read" | "write">;
  readonly alerts: AlertSink;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What reports tell of the watch. From memory. */
export interface Watched {
  runway(): Runway;
  lastDay(): LastDay;
}

/** Less than the time in which two updates can follow each other: MIN_UPDATE_INTERVAL_S is 60 s. */
const LOOK_EVERY_MS = 10_000;

export class Watch implements Watched {
  readonly #options: WatchOptions;
  readonly #startedAtMs: number;
  #samples: readonly Sample[];
  /** Monotonic time of the newest sample. One of an earlier run lies before this run's start. */
  #sampledAtMs: number | undefined;
  #updates = 0;
  #lastUpdateMs: number | undefined;
  #isUnwritable = false;

  /** Registers the gauge; nothing is looked at before {@link run}. */
  constructor(options: WatchOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.monotonicMs();
    this.#samples = this.#readSamples();
    const newest = this.#samples.at(-1);
    if (newest !== undefined)
      this.#sampledAtMs = this.#startedAtMs - Math.max(0, options.clock.wallMs() - newest.atMs);
    const days = () => runwayDays(this.runway());
    new Gauge({
      name: "oracle_wallet_runway_days",
      help: "Days that the updater's wallet lasts at the present burn; not a number while that is unknown.",
      registers: [options.metrics],
      collect() {
        this.set(days());
      },
    });
  }

  runway(): Runway {
    const balanceWei = this.#options.snapshot()?.walletBalanceWei;
    if (balanceWei === undefined) return { kind: "unknown", knownMs: 0, neededMs: NEEDED_MS };
    return estimateRunway(this.#samples, { balanceWei, spanMs: this.#sinceSampleMs() });
  }

  lastDay(): LastDay {
    return lastDayOf(this.#samples, this.#open());
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.look();
      await sleep(this.#options.clock, LOOK_EVERY_MS, signal);
    }
  }

  look(): void {
    const { snapshot, clock } = this.#options;
    const seen = snapshot();
    if (seen === undefined) return;
    this.#countUpdate(seen.lastUpdateMs);
    const { walletBalanceWei: balanceWei } = seen;
    if (balanceWei === undefined) return;
    this.#raiseOrClear();
    if (this.#sampledAtMs !== undefined && this.#sinceSampleMs() < SAMPLE_EVERY_MS) return;
    const sample: Sample = { ...this.#open(), atMs: clock.wallMs(), balanceWei };
    this.#samples = [...this.#samples, sample].slice(-KEPT_SAMPLES);
    this.#sampledAtMs = clock.monotonicMs();
    this.#updates = 0;
    this.#writeSamples();
  }

  /** An endpoint that lags shows an earlier update: only a newer one counts. */
  #countUpdate(lastUpdateMs: number): void {
    if (lastUpdateMs === 0) return;
    if (this.#lastUpdateMs !== undefined && lastUpdateMs > this.#lastUpdateMs) this.#updates += 1;
    this.#lastUpdateMs = Math.max(lastUpdateMs, this.#lastUpdateMs ?? 0);
  }

  #open(): Omit<Sample, "atMs" | "balanceWei"> {
    const status = this.#options.leadership();
    const term = status === undefined || status.role === "standalone" ? undefined : status.term;
    const nowMs = this.#options.clock.monotonicMs();
    return {
      spanMs: this.#sinceSampleMs(),
      watchedMs: nowMs - Math.max(this.#startedAtMs, this.#sampledAtMs ?? this.#startedAtMs),
      updates: this.#updates,
      ...(term === undefined ? {} : { term }),
    };
  }

  #sinceSampleMs(): number {
    return this.#sampledAtMs === undefined ? 0 : this.#options.clock.monotonicMs() - this.#sampledAtMs;
  }

  #raiseOrClear(): void {
    const { alerts } = this.#options;
    const runway = this.runway();
    // What is not known is not over.
    if (runway.kind === "unknown") return;
    const condition = runwayCondition(runway);
    if (condition === undefined) alerts.clear(RUNWAY_KEY);
    else alerts.raise(condition);
  }

  #readSamples(): readonly Sample[] {
    const { file, logger } = this.#options;
    try {
      return file.read();
    } catch (error) {
      logger.warn("The samples of the wallet cannot be read; they begin anew", {
        error: describeError(error),
      });
      return [];
    }
  }

  /** Without a disk the estimate goes on; a restart then begins anew. Said once per outage. */
  #writeSamples(): void {
    const { file, logger } = this.#options;
    try {
      file.write(this.#samples);
      this.#isUnwritable = false;
    } catch (error) {
      if (!this.#isUnwritable)
        logger.warn("The samples of the wallet cannot be written", { error: describeError(error) });
      this.#isUnwritable = true;
    }
  }
}
