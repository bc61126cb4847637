/** A fleet of real agents on one oracle of a local network, with a store of its own, and what a test does to it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep, systemClock } from "@jeju-oracle/kit";
import type { Localnet } from "@jeju-oracle/localnet";
import type { OwnOracle } from "../../../plugins/oracle-updater/test/chain/support/own-oracle.ts";
import { FleetAgent, type Wrapper } from "./agent.ts";
import { type LandedUpdate, UpdateWatch } from "./updates.ts";

export interface FleetOptions {
  readonly net: Localnet;
  /** The network's own oracle when left out. */
  readonly oracle?: OwnOracle;
  readonly bots: readonly string[];
  /** Of every agent. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface MemberOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly wrapper?: Wrapper;
}

/**
 * No rate limit, and no heartbeat while a test runs: updates come when the feed moves. The local chain suggests the fee that
 * its latest transactions paid, and those are ours: with a factor above 1 a hundred updates bid themselves up to the cap.
 */
const QUIET: Readonly<Record<string, string>> = {
  UPDATE_INTERVAL_MS: "3540000",
  MIN_UPDATE_INTERVAL_S: "0",
  GAS_PRICE_MULTIPLIER: "1",
};

const POLL_MS = 20;
const DEADLINE_MS = 30_000;

export class Fleet implements AsyncDisposable {
  readonly net: Localnet;
  readonly watch: UpdateWatch;
  /** Removed with the fleet. */
  readonly directory = mkdtempSync(join(tmpdir(), "oracle-fleet-"));
  readonly lockFile = join(this.directory, "leader.lock");
  readonly agents: FleetAgent[] = [];
  readonly #options: FleetOptions;

  private constructor(options: FleetOptions, watch: UpdateWatch) {
    this.#options = options;
    this.net = options.net;
    this.watch = watch;
  }

  /** Makes the fleet's folder and watches its oracle. No agent runs yet. */
  static async open(options: FleetOptions): Promise<Fleet> {
    const address = options.oracle?.address ?? options.net.addresses.oracle;
    return new Fleet(options, await UpdateWatch.start(options.net, address, options.bots));
  }

  /** Starts an agent; returns when it has joined the fleet. */
  async start(botId: string, options: MemberOptions = {}): Promise<FleetAgent> {
    const agent = this.spawn(botId, options);
    await agent.line("Joined the fleet");
    return agent;
  }

  /** Starts an agent and returns at once. */
  spawn(botId: string, { env = {}, wrapper }: MemberOptions = {}): FleetAgent {
    const agent = new FleetAgent({
      env: this.env(botId, env),
      ...(wrapper === undefined ? {} : { wrapper }),
    });
    this.agents.push(agent);
    return agent;
  }

  /** The environment of one of this fleet's agents. */
  env(botId: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      ...this.net.env(),
      ...QUIET,
      ...this.#options.oracle?.env,
      BOT_ID: botId,
      STATE_DIR: join(this.directory, `state-${botId}`),
      LEADER_ELECTION_ENABLED: "true",
      LEADER_LOCK_FILE: this.lockFile,
      LEADER_LOCK_URL: `file://${this.lockFile}`,
      DAILY_DIGEST_CRON: "off",
      DRILL_REMINDER_CRON: "off",
      HEALTH_CHECK_PORT: "0",
      HEALTH_CHECK_HOST: "127.0.0.1",
      LOG_FORMAT: "json",
      ...this.#options.env,
      ...extra,
    };
  }

  /** Waits until exactly one of `agents` says of itself that it leads, and returns it. */
  async leader(agents: readonly FleetAgent[] = this.#living()): Promise<FleetAgent> {
    let leading: FleetAgent[] = [];
    await until("exactly one agent leads", async () => {
      const values = await Promise.all(agents.map((agent) => agent.metric("oracle_is_leader")));
      leading = agents.filter((_, index) => values[index] === 1);
      return leading.length === 1;
    });
    return leading[0]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent[Symbol.asyncDispose]()));
    await this.watch[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #living(): FleetAgent[] {
    return this.agents.filter(({ alive }) => alive);
  }
}

/** Waits until `holds`; what it throws counts as no. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const overdueMs = performance.now() + deadlineMs;
  let last: unknown;
  while (performance.now() < overdueMs) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await Bun.sleep(POLL_MS);
  }
  throw new Error(`not within ${deadlineMs} ms: ${what}`, { cause: last });
}

/** Moves the feed back and forth by 2 %: a deviation that every fleet on this network has to push. */
export class FeedSwing {
  readonly #net: Localnet;
  #isHigh = false;
  #going: { readonly over: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(net: Localnet) {
    this.#net = net;
  }

  /** Swings again and again: at every moment some update is due, or was a moment ago. */
  goOn(everyMs: number): void {
    const over = new AbortController();
    const run = async () => {
      while (!over.signal.aborted) {
        await this.swing();
        await sleep(systemClock, everyMs, over.signal);
      }
    };
    this.#going = { over, ended: run() };
  }

  /** Ends {@link goOn}. */
  async rest(): Promise<void> {
    this.#going?.over.abort();
    await this.#going?.ended;
  }

  /** Returns when the new answer is in a block. */
  async swing(): Promise<void> {
    this.#isHigh = !this.#isHigh;
    const { ethUsd8 } = this.#net.settings;
    await this.#net.feed.setAnswer(this.#isHigh ? (ethUsd8 * 102n) / 100n : ethUsd8);
  }
}

/** Chain time in s between each update and the next. */
export function gapsS(updates: readonly LandedUpdate[]): number[] {
  return updates.slice(1).map(({ timestampS }, index) => timestampS - updates[index]!.timestampS);
}

/** One figure of the report: what was measured, in ms. */
export function tellMs(what: string, valuesMs: readonly number[], boundMs: number): void {
  const sorted = valuesMs.map(Math.round).sort((a, b) => a - b);
  const [min, median, max] = [sorted[0], sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  const spread =
    sorted.length === 1
      ? `${max} ms`
      : `${min} / ${median} / ${max} ms (least / median / most of ${sorted.length})`;
  console.log(`MEASURED ${what}: ${spread}, bound ${boundMs} ms`);
}
