/** Oracle updaters of one test, in this process, against a local network. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AlertCondition,
  type AlertSink,
  type Clock,
  type Leadership,
  systemClock,
} from "@jeju-oracle/kit";
import { type CapturedLog, captureLog } from "@jeju-oracle/kit/testing";
import { Registry } from "prom-client";
import { loadOracleConfig, type OracleConfig } from "../../../src/config.ts";
import { OracleUpdater } from "../../../src/oracle-updater.ts";
import type { LandedUpdate, Look, UpdaterEvents } from "../../../src/updater/events.ts";

export interface TestAgent {
  readonly botId: string;
  readonly updater: OracleUpdater;
  readonly config: OracleConfig;
  readonly log: CapturedLog;
  readonly registry: Registry;
  readonly landed: LandedUpdate[];
  readonly looks: Look[];
  readonly failures: string[];
  /** Conditions that hold now, by key. */
  readonly alerts: Map<string, AlertCondition>;
  /** The first look from now on that satisfies `matches`. */
  nextLook(matches: (look: Look) => boolean, deadlineMs?: number): Promise<Look>;
  /** Resolves when `holds` is true after some look, landing or end of a cycle. */
  until(what: string, holds: () => boolean, deadlineMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export interface TestAgentOptions {
  readonly env: Record<string, string>;
  readonly botId?: string;
  readonly stateDir?: string;
  readonly clock?: Clock;
  readonly leads?: () => boolean;
  /** Instead of `leads`: the port itself. */
  readonly leadership?: Leadership;
  readonly beforeBroadcast?: () => Promise<void>;
}

/** Fast enough for tests: no rate limit, polls twice a second, heartbeats out of the way. */
export const QUICK: Record<string, string> = {
  PRICE_POLL_INTERVAL_MS: "400",
  UPDATE_INTERVAL_MS: "3540000",
  MIN_UPDATE_INTERVAL_S: "0",
  RETRY_DELAY_MS: "500",
  TX_DEADLINE_MS: "6000",
  MAX_GAS_PRICE_GWEI: "500",
};

const DEFAULT_DEADLINE_MS = 20_000;

export function startAgent(options: TestAgentOptions): TestAgent {
  const botId = options.botId ?? "bot-1";
  const ownStateDir = options.stateDir === undefined;
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), "oracle-agent-"));
  const log = captureLog("debug");
  const registry = new Registry();
  const config = loadOracleConfig({ ...options.env, BOT_ID: botId });
  const landed: LandedUpdate[] = [];
  const looks: Look[] = [];
  const failures: string[] = [];
  const alerts = new Map<string, AlertCondition>();
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of [...watchers]) watcher();
  };
  const events: Partial<UpdaterEvents> = {
    looked: (look) => {
      looks.push(look);
      notify();
    },
    landed: (update) => {
      landed.push(update);
      notify();
    },
    failed: (error) => {
      failures.push(error.code);
      notify();
    },
    cancelled: notify,
    lostRace: notify,
    foreignUpdate: notify,
  };
  const alertSink: AlertSink = {
    raise: (condition) => {
      alerts.set(condition.key, condition);
      notify();
    },
    clear: (key) => {
      alerts.delete(key);
      notify();
    },
  };
  const updater = new OracleUpdater({
    config,
    botId,
    stateDir,
    logger: log.logger,
    metrics: registry,
    clock: options.clock ?? systemClock,
    leadership: () => options.leadership ?? leadership(botId, options.leads ?? (() => true)),
    alerts: () => {
      // Asked for at the end of each cycle, failed ones included.
      notify();
      return alertSink;
    },
    events,
    ...(options.beforeBroadcast === undefined ? {} : { beforeBroadcast: options.beforeBroadcast }),
  });
  updater.start();
  const until = (what: string, holds: () => boolean, deadlineMs = DEFAULT_DEADLINE_MS) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!holds()) return;
        clearTimeout(timer);
        watchers.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        watchers.delete(check);
        const tail = log.lines.slice(-15).join("\n");
        reject(new Error(`${botId}: not within ${deadlineMs} ms: ${what}\n${tail}`));
      }, deadlineMs);
      watchers.add(check);
      check();
    });
  return {
    botId,
    updater,
    config,
    log,
    registry,
    landed,
    looks,
    failures,
    alerts,
    until,
    async nextLook(matches, deadlineMs) {
      const seen = looks.length;
      await until("a matching look", () => looks.slice(seen).some(matches), deadlineMs);
      const found = looks.slice(seen).find(matches);
      if (found === undefined) throw new Error("unreachable: the look was there");
      return found;
    },
    async stop() {
      await updater.stop();
      if (ownStateDir) rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

function leadership(botId: string, leads: () => boolean): Leadership {
  return {
    guard: () =>
      leads()
        ? { granted: true, as: "leader", term: 1 }
        : { granted: false, leaderId: "other", reason: "follower" },
    leadershipStatus: () => ({
      role: leads() ? "leader" : "follower",
      term: 1,
      leaderId: leads() ? botId : "other",
      validForMs: undefined,
    }),
  };
}
