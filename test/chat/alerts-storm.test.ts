/**
 * G5 under fire: a thousand alerts while Telegram is down, flaps and answers 429, PagerDuty fails, and the agent is killed at random.
 * Each is delivered to each channel, criticals first, with at most one repeated message per kill, and what ends is edited in place.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { type SpawnedAgent, spawnCli } from "../../agent/test/support/spawned-agent.ts";
import { PagerDutyServer, ROUTING_KEY } from "../../plugins/alerts-chat/test/support/pagerduty-server.ts";
import {
  serverError,
  TEAM_CHAT_ID,
  TelegramServer,
  tooManyRequests,
} from "../../plugins/alerts-chat/test/support/telegram-server.ts";
import { type OutsideAlert, postUntilTaken, webhookBody } from "./support/alertmanager-post.ts";

const ALERTS = Number(process.env.STORM_ALERTS ?? 1_000);
const BATCH = 25;
const KILLS_WHILE_RAISING = 4;
const KILLS_WHILE_DELIVERING = 4;
const TOKEN = "a-token-of-the-alertmanager";
const PATIENCE_MS = 60_000;
const TEST_MS = 300_000;
const SEED = Number(process.env.STORM_SEED ?? Date.now() % 100_000);

/** 1 in 10 is critical, 3 in 10 are warnings. */
const storm: readonly OutsideAlert[] = Array.from({ length: ALERTS }, (_, index) => ({
  name: "Storm",
  severity: index % 10 === 0 ? "critical" : index % 10 < 4 ? "warning" : "info",
  summary: `storm-${String(index).padStart(4, "0")}`,
}));

/** What only informs opens no incident. */
const PAGED = storm.filter(({ severity }) => severity !== "info").length;

const directory = mkdtempSync(join(tmpdir(), "alerts-storm-"));
let net: Localnet;
let telegram: TelegramServer;
let pagerduty: PagerDutyServer;
let agent: SpawnedAgent | undefined;
let url: string | undefined;
let kills = 0;
let random = SEED;

beforeAll(async () => {
  telegram = TelegramServer.start();
  pagerduty = PagerDutyServer.start();
  net = await startLocalnet({ bots: 1 });
  await startAgent();
}, TEST_MS);

afterAll(async () => {
  await agent?.[Symbol.asyncDispose]();
  await telegram.close();
  await pagerduty.close();
  await net.stop();
  rmSync(directory, { recursive: true });
}, TEST_MS);

async function startAgent(): Promise<void> {
  agent = spawnCli(["run"], {
    ...net.env(0),
    STATE_DIR: join(directory, "state"),
    HEALTH_CHECK_PORT: "0",
    HEALTH_CHECK_HOST: "127.0.0.1",
    LOG_FORMAT: "json",
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_CHAT_ID: String(TEAM_CHAT_ID),
    TELEGRAM_API_ROOT: telegram.apiRoot,
    PAGERDUTY_ROUTING_KEY: ROUTING_KEY,
    PAGERDUTY_EVENTS_URL: pagerduty.url,
    ALERTMANAGER_TOKEN: TOKEN,
  });
  url = await agent.url();
}

async function killAndStart(): Promise<void> {
  kills += 1;
  url = undefined;
  agent?.signal("SIGKILL");
  await agent?.exitCode();
  await startAgent();
}

/** Seeded, in [0, 1): the seed stands in every failure. */
function next(): number {
  random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
  return random / 2_147_483_648;
}

async function post(alerts: readonly OutsideAlert[], status: "firing" | "resolved"): Promise<void> {
  for (let first = 0; first < alerts.length; first += BATCH)
    await postUntilTaken(
      () => url,
      TOKEN,
      webhookBody(alerts.slice(first, first + BATCH), status),
      PATIENCE_MS,
    );
}

const namesIn = (text: string | undefined) => text?.match(/storm-\d{4}/g) ?? [];
const sent = () => telegram.messages.flatMap(({ text }) => namesIn(text));
const triggered = () => pagerduty.events.filter(({ event_action }) => event_action === "trigger").length;

const stormMessages = () => telegram.messages.filter(({ text }) => namesIn(text).length > 0);
const isOver = (text: string | undefined) => text?.startsWith("✅") === true;

/** Alerts whose latest message does not show the end. */
function stillOpen(): ReadonlySet<string> {
  const open = new Set<string>();
  for (const { text } of stormMessages())
    for (const name of namesIn(text)) isOver(text) ? open.delete(name) : open.add(name);
  return open;
}

/** For whoever reads a failure. */
function unended(): string {
  const incidents = [...pagerduty.incidents.values()].filter(({ status }) => status !== "resolved");
  return `open: ${[...stillOpen()].slice(0, 20).join(" ")}; ${incidents.length} incidents`;
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > endMs)
      throw new Error(
        `${what}: waited in vain (seed ${SEED}); ${new Set(sent()).size} in Telegram, ${pagerduty.incidents.size} incidents;\n${unended()}\nthe agent's last words:\n${agent?.output().split("\n").slice(-5).join("\n")}`,
      );
    await Bun.sleep(50);
  }
}

describe(`a storm of ${ALERTS} alerts (STORM_SEED=${SEED})`, () => {
  test(
    "that is raised while channels fail and the agent is killed is delivered whole, criticals first, with one repeat per kill at most",
    async () => {
      telegram.fail("sendMessage", serverError);
      pagerduty.fail({ kind: "status", status: 503 }, Number.POSITIVE_INFINITY);
      const raised = post(storm, "firing");
      for (let kill = 0; kill < KILLS_WHILE_RAISING; kill++) {
        await Bun.sleep(300 + next() * 700);
        await killAndStart();
      }
      await raised;
      expect(sent()).toEqual([]);

      // Nothing has been told yet: what comes first now is the order of the plan.
      telegram.fail("sendMessage", tooManyRequests(1), 2);
      pagerduty.fail({ kind: "status", status: 429, retryAfterS: 1 }, 2);
      for (let kill = 0; kill < KILLS_WHILE_DELIVERING; kill++) {
        const before = telegram.messages.length;
        await until(
          "some are told",
          () => telegram.messages.length >= before + 3 || new Set(sent()).size === ALERTS,
        );
        if (kill % 2 === 0) telegram.fail("sendMessage", serverError, 1);
        await Bun.sleep(next() * 300);
        await killAndStart();
      }
      await until(
        "everything is told",
        () => new Set(sent()).size === ALERTS && pagerduty.incidents.size >= PAGED,
      );

      const order = stormMessages();
      const severities = order.map(({ text }) => storm[Number(namesIn(text)[0]?.slice(6))]?.severity);
      const repeats = sent().length - new Set(sent()).size;
      const repeatedMessages = Math.ceil(repeats / 8);
      console.log(
        `seed ${SEED}: ${kills} kills, ${order.length} messages for ${ALERTS} alerts, ${repeats} alerts told twice in Telegram; ${triggered()} triggers of ${pagerduty.incidents.size} incidents`,
      );
      expect(severities).toEqual(severities.toSorted((a, b) => rank(a) - rank(b)));
      expect(repeatedMessages).toBeLessThanOrEqual(KILLS_WHILE_DELIVERING);
      expect(triggered() - pagerduty.incidents.size).toBeLessThanOrEqual(kills);
    },
    TEST_MS,
  );

  test(
    "that ends is edited in place, also when the agent is killed meanwhile, and nothing is sent anew",
    async () => {
      const before = stormMessages().length;
      const ended = post(storm, "resolved");
      await Bun.sleep(500);
      await killAndStart();
      await ended;
      await until("the latest message of every alert shows the end", () => stillOpen().size === 0);
      await until("every incident is resolved", () =>
        [...pagerduty.incidents.values()].every(({ status }) => status === "resolved"),
      );
      expect(stormMessages().length).toBe(before);
      // Whoever was killed before it heard the number of its message took the number with it: the repeat is edited, the first copy is not.
      expect(stormMessages().filter(({ text }) => !isOver(text)).length).toBeLessThanOrEqual(kills);
    },
    TEST_MS,
  );
});

function rank(severity: OutsideAlert["severity"] | undefined): number {
  return severity === "critical" ? 0 : severity === "warning" ? 1 : 2;
}
