import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AlertCondition, LeadershipStatus, OracleSnapshot } from "@jeju-oracle/kit";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { Registry } from "prom-client";
import { encodeSample } from "../../src/schedule/watch/sample.ts";
import { SampleFile } from "../../src/schedule/watch/sample-file.ts";
import { Watch } from "../../src/schedule/watch/watch.ts";
import { snapshotWith } from "../support/fake-view.ts";

const LOOK_MS = 10_000;
const HOUR_MS = 3_600_000;
const ETH = 10n ** 18n;

let directory = "";
let path = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "oracle-watch-"));
  path = join(directory, "state", "hourly-bot-1.jsonl");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** An agent that can be started again over the same file; the clock runs on. */
class Rig {
  readonly clock = new SimulatedClock();
  readonly log = captureLog();
  readonly raised = new Map<string, AlertCondition>();
  snapshot: OracleSnapshot | undefined = snapshotWith({ walletBalanceWei: ETH, lastUpdateMs: 1 });
  leadership: LeadershipStatus | undefined = {
    role: "leader",
    term: 6,
    leaderId: "bot-1",
    validForMs: 1,
  };
  registry = new Registry();
  watch = this.start();

  start(): Watch {
    this.registry = new Registry();
    this.watch = new Watch({
      snapshot: () => this.snapshot,
      leadership: () => this.leadership,
      file: new SampleFile(path),
      alerts: {
        raise: (condition) => void this.raised.set(condition.key, condition),
        clear: (key) => void this.raised.delete(key),
      },
      metrics: this.registry,
      clock: this.clock,
      logger: this.log.logger,
    });
    return this.watch;
  }

  change(changes: Partial<OracleSnapshot>): void {
    this.snapshot = snapshotWith({ ...this.snapshot, ...changes });
  }

  /** Runs it for hours; each hour the wallet spends, and updates land. */
  async live(hours: number, { spendWei = 0n, updates = 0 } = {}): Promise<void> {
    const stopped = new AbortController();
    const running = this.watch.run(stopped.signal);
    for (let hour = 0; hour < hours; hour++) {
      for (let update = 0; update < updates; update++) {
        const { lastUpdateMs = 0 } = this.snapshot ?? {};
        this.change({ lastUpdateMs: lastUpdateMs + 1 });
        await this.clock.advance(LOOK_MS);
      }
      this.change({ walletBalanceWei: (this.snapshot?.walletBalanceWei ?? 0n) - spendWei });
      await this.clock.advance(HOUR_MS - updates * LOOK_MS);
    }
    stopped.abort();
    await running;
  }

  async metric(): Promise<string | undefined> {
    return /^oracle_wallet_runway_days (.*)$/m.exec(await this.registry.metrics())?.[1];
  }
}

const linesOnDisk = () => readFileSync(path, "utf8").trimEnd().split("\n");

describe("the wallet", () => {
  test("is unknown at first, then lasts as long as its burn lets it, in the metric as well", async () => {
    const rig = new Rig();
    expect([rig.watch.runway().kind, await rig.metric()]).toEqual(["unknown", "Nan"]);
    await rig.live(30, { spendWei: ETH / 1_000n });
    // 0.97 ETH at 0.024 ETH per day.
    expect(Number(await rig.metric())).toBeCloseTo(40.4, 0);
    expect(rig.raised.size).toBe(0);
  });

  test("that lasts less than a week is a warning, less than a day critical, and over when it is filled", async () => {
    const rig = new Rig();
    await rig.live(24, { spendWei: ETH / 100n });
    expect(rig.raised.get("wallet-runway-short")?.severity).toBe("warning");
    await rig.live(60, { spendWei: ETH / 100n });
    expect(rig.raised.get("wallet-runway-short")?.severity).toBe("critical");
    rig.change({ walletBalanceWei: 10n * ETH });
    await rig.live(1);
    expect(rig.raised.size).toBe(0);
  });

  test("is remembered over a restart, and what was spent meanwhile counts with its time", async () => {
    const rig = new Rig();
    await rig.live(10, { spendWei: ETH / 100n });
    const before = rig.watch.runway();
    await rig.clock.advance(5 * HOUR_MS);
    rig.change({ walletBalanceWei: (rig.snapshot?.walletBalanceWei ?? 0n) - ETH / 20n });
    rig.start();
    rig.watch.look();
    expect(before).toMatchObject({ kind: "lasts", burnWeiPerDay: (ETH * 24n) / 100n });
    expect(rig.watch.runway()).toMatchObject({ kind: "lasts", burnWeiPerDay: (ETH * 24n) / 100n });
  });

  test("a wall clock that jumps changes no estimate of a running agent", async () => {
    const rig = new Rig();
    await rig.live(10, { spendWei: ETH / 100n });
    rig.clock.jumpWall(-30 * 24 * HOUR_MS);
    await rig.live(5, { spendWei: ETH / 100n });
    rig.clock.jumpWall(60 * 24 * HOUR_MS);
    await rig.live(5, { spendWei: ETH / 100n });
    expect(rig.watch.runway()).toMatchObject({ burnWeiPerDay: (ETH * 24n) / 100n });
  });

  test("restarts each minute add no samples and lose none", async () => {
    const rig = new Rig();
    await rig.live(8, { spendWei: ETH / 100n });
    const samples = linesOnDisk().length;
    for (let start = 0; start < 50; start++) {
      rig.start();
      rig.watch.look();
      await rig.clock.advance(60_000);
    }
    expect(linesOnDisk()).toHaveLength(samples);
    expect(rig.watch.runway().kind).toBe("lasts");
  });

  test("two weeks are kept, readable by the agent's user alone", async () => {
    const rig = new Rig();
    await rig.live(340, { spendWei: 1n });
    expect(linesOnDisk()).toHaveLength(336);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(path).size).toBeLessThan(50_000);
  });

  test("a damaged file costs the damaged lines", async () => {
    const rig = new Rig();
    await rig.live(10, { spendWei: ETH / 100n });
    const lines = linesOnDisk();
    writeFileSync(
      path,
      [...lines.slice(0, 8), lines[8]?.slice(0, 20), "null", '{"atMs":"x"}', "\u0000"].join("\n"),
    );
    const kept = new SampleFile(path).read().map((sample) => JSON.parse(encodeSample(sample)));
    expect(kept).toEqual(lines.slice(0, 8).map((line) => JSON.parse(line)));
    rig.start();
    expect(rig.watch.runway().kind).toBe("lasts");
  });

  test("a disk that takes nothing is said once, and the estimate goes on", async () => {
    writeFileSync(join(directory, "state"), "a file where the directory should be");
    const rig = new Rig();
    await rig.live(10, { spendWei: ETH / 100n });
    expect(rig.watch.runway()).toMatchObject({ burnWeiPerDay: (ETH * 24n) / 100n });
    expect(rig.log.matching("cannot be written")).toHaveLength(1);
  });

  test("nothing is looked at while the price loop starts", async () => {
    const rig = new Rig();
    rig.snapshot = undefined;
    rig.watch.look();
    await rig.clock.advance(2 * HOUR_MS);
    rig.watch.look();
    expect(rig.watch.runway().kind).toBe("unknown");
    expect(await Bun.file(path).exists()).toBe(false);
  });
});

describe("the last day", () => {
  test("counts the updates that landed in about a day, whoever sent them", async () => {
    const rig = new Rig();
    await rig.live(30, { updates: 12 });
    const { updates, coveredMs, watchedMs } = rig.watch.lastDay();
    expect(coveredMs).toBeGreaterThanOrEqual(24 * HOUR_MS);
    expect(coveredMs).toBeLessThan(25 * HOUR_MS + LOOK_MS * 30);
    expect(watchedMs).toBe(coveredMs);
    expect(updates).toBeGreaterThanOrEqual(12 * 24);
    expect(updates).toBeLessThanOrEqual(12 * 25 + 12);
  });

  test("a lagging endpoint that shows an earlier update adds none", async () => {
    const rig = new Rig();
    for (const lastUpdateMs of [0, 100, 200, 100, 200, 0, 300]) {
      rig.change({ lastUpdateMs });
      rig.watch.look();
    }
    // The update that stood there at the first look landed before.
    expect(rig.watch.lastDay().updates).toBe(2);
  });

  test("tells how much of it was watched when the agent was away", async () => {
    const rig = new Rig();
    await rig.live(10, { updates: 10 });
    await rig.clock.advance(6 * HOUR_MS);
    rig.start();
    await rig.live(2, { updates: 10 });
    const { updates, coveredMs, watchedMs } = rig.watch.lastDay();
    expect(coveredMs - watchedMs).toBeGreaterThanOrEqual(6 * HOUR_MS);
    expect(coveredMs).toBe(18 * HOUR_MS);
    expect(updates).toBeGreaterThanOrEqual(110);
    expect(updates).toBeLessThanOrEqual(120);
  });

  test("counts changes of the lead, and knows nothing of them without an election or after a wipe", async () => {
    const rig = new Rig();
    await rig.live(12);
    const lead = (term: number): LeadershipStatus => ({
      role: "follower",
      term,
      leaderId: "bot-2",
      validForMs: undefined,
    });
    rig.leadership = lead(8);
    await rig.live(2);
    expect(rig.watch.lastDay().leaderChanges).toBe(2);
    await rig.live(30);
    expect(rig.watch.lastDay().leaderChanges).toBe(0);
    rig.leadership = lead(1);
    expect(rig.watch.lastDay().leaderChanges).toBeUndefined();
    await rig.live(30);
    rig.leadership = { role: "standalone", term: 1, leaderId: "bot-1", validForMs: undefined };
    expect(rig.watch.lastDay().leaderChanges).toBeUndefined();
  });
});
