/**
 * The crash hour of a real day at ten times the speed: how many pushes, how far the published ETH/USD was off its source,
 * the longest hold, and every reason. The whole system runs ten times as fast: chains, feed, pool, and the agent's clock.
 *
 * usage: npm run bench -- replay      (reads ../shared/data/2023-08-17.csv, or the file named by REPLAY_CSV)
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type AlertCondition, createLogger } from "@jeju-oracle/kit";
import { scaledClock } from "@jeju-oracle/kit/testing";
import { readReplayRows, replayCsv, startLocalnet } from "@jeju-oracle/localnet";
import { Registry } from "prom-client";
import { loadOracleConfig } from "../plugins/oracle-updater/src/config.ts";
import { OracleUpdater } from "../plugins/oracle-updater/src/oracle-updater.ts";
import type { Look } from "../plugins/oracle-updater/src/updater/events.ts";

const SPEED_UP = 10;
const FROM = process.env.REPLAY_FROM ?? "21:15";
const TO = process.env.REPLAY_TO ?? "22:15";
const OFF_BPS = 100n;

const path = resolve(process.env.REPLAY_CSV ?? join(import.meta.dir, "../../shared/data/2023-08-17.csv"));
if (!existsSync(path)) {
  console.log(`left out: there is no ${path}; set REPLAY_CSV to a file of that form`);
  process.exit(0);
}

const rows = { path, from: FROM, to: TO };
const [first] = await readReplayRows(rows);
if (first === undefined) throw new Error(`${path} has no rows from ${FROM} to ${TO}`);
const net = await startLocalnet({
  bots: 1,
  speedUp: SPEED_UP,
  baseBlockTimeMs: 2_000 / SPEED_UP,
  jejuBlockTimeMs: 1_000 / SPEED_UP,
  ethUsd8: first.ethUsd8.close,
  elizaPerEth18: first.elizaPerEth18.close,
  observationCardinality: 1_000,
  historyBlocks: 64,
});
const stateDir = mkdtempSync(join(tmpdir(), "oracle-replay-"));
const reasons = new Map<string, number>();
const alerts = new Map<string, number>();
const looks: Look[] = [];
let longestHoldS = 0n;
let heldSinceS: bigint | undefined;
const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);

const updater = new OracleUpdater({
  config: loadOracleConfig({
    ...net.env(0),
    // Deadlines in chain time; the host needs ten times less of it.
    RPC_TIMEOUT_MS: "15000",
    TX_DEADLINE_MS: "60000",
  }),
  botId: "bot-1",
  stateDir,
  logger: createLogger({ level: "error", format: "json", write: (line) => process.stdout.write(line) }),
  metrics: new Registry(),
  clock: scaledClock(SPEED_UP, net.clock.nowS() * 1000),
  leadership: () => ({
    guard: () => ({ granted: true, as: "standalone", term: 0 }),
    leadershipStatus: () => ({ role: "standalone", term: 0, leaderId: "bot-1", validForMs: undefined }),
  }),
  alerts: () => ({
    raise: (condition: AlertCondition) => count(alerts, `${condition.severity} ${condition.key}`),
    clear: () => undefined,
  }),
  events: {
    looked(look) {
      looks.push(look);
      if (look.decision.kind === "skip") count(reasons, `skip ${look.decision.reason}`);
      const held = look.decision.kind === "skip" && look.decision.reason === "held";
      if (held) heldSinceS ??= look.nowS;
      else heldSinceS = undefined;
      if (heldSinceS !== undefined && look.nowS - heldSinceS > longestHoldS)
        longestHoldS = look.nowS - heldSinceS;
    },
    landed: (update) => count(reasons, `push ${update.reason}`),
    failed: (error) => count(reasons, `failed ${error.code}`),
  },
});
updater.start();

let samples = 0;
let off = 0;
const sampling = setInterval(async () => {
  const [source, published] = await Promise.all([net.feed.ethUsd8(), net.oracleState()]);
  const distance = source > published.ethUsd8 ? source - published.ethUsd8 : published.ethUsd8 - source;
  samples += 1;
  if ((distance * 10_000n) / source > OFF_BPS) off += 1;
}, 1_000 / SPEED_UP);

const startedAtMs = performance.now();
await replayCsv(net, rows);
clearInterval(sampling);
await updater.stop();
const updates = await net.updates();
await net.stop();
rmSync(stateDir, { recursive: true, force: true });

const minutes = ((performance.now() - startedAtMs) / 60_000).toFixed(1);
console.log(
  `${FROM} to ${TO} at ${SPEED_UP}x in ${minutes} min: ${updates.length} pushes, ${looks.length} looks`,
);
console.log(
  `published ETH/USD more than ${OFF_BPS} bps off its source: ${((100 * off) / samples).toFixed(2)} % of ${samples} samples`,
);
console.log(`longest hold: ${longestHoldS} s of chain time`);
for (const [reason, times] of [...reasons].sort()) console.log(`  ${reason}: ${times}`);
console.log(
  `alerts raised: ${alerts.size === 0 ? "none" : [...alerts].map(([key, times]) => `${key} x${times}`).join(", ")}`,
);
