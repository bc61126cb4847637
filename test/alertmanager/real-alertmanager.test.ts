/**
 * Debian's Alertmanager as the other side. It reports to an agent's webhook, and with its own Telegram and Discord receivers to the
 * servers that stand in for those services in our tests: a client that nobody here wrote finds them in order.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { type Agent, startAgent } from "../../agent/src/start-agent.ts";
import { fakeCatalogue } from "../../agent/test/support/fake-plugins.ts";
import { alertmanagerRoute } from "../../plugins/alerts-chat/src/alertmanager/alertmanager-route.ts";
import type { Observation } from "../../plugins/alerts-chat/src/alerts/alert.ts";
import type { AlertDesk } from "../../plugins/alerts-chat/src/alerts/alert-desk.ts";
import { DiscordServer } from "../../plugins/alerts-chat/test/support/discord-server.ts";
import { TEAM_CHAT_ID, TelegramServer } from "../../plugins/alerts-chat/test/support/telegram-server.ts";
import { needing } from "../ops/support/debian-tool.ts";
import { type AlertmanagerServer, PROGRAM, startAlertmanager } from "./support/alertmanager-server.ts";

const TOKEN = "a-token-of-the-alertmanager";
const TEST_MS = 60_000;
const PATIENCE_MS = 30_000;

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** An agent that takes alerts; the desk is not there for the first `refusals` times. */
async function startTakingAgent(
  refusals: number,
): Promise<{ agent: Agent; taken: Observation[]; asked: () => number }> {
  const taken: Observation[] = [];
  let asked = 0;
  const unused = () => Promise.reject(new Error("the webhook only observes"));
  const desk: AlertDesk = {
    observe: async (observations) => {
      taken.push(...observations.filter(({ fingerprint }) => !fingerprint.includes("left-out")));
    },
    list: unused,
    acknowledge: unused,
    unacknowledge: unused,
    silence: unused,
    unsilence: unused,
    silences: unused,
  };
  const deskOf = () => {
    asked += 1;
    return asked <= refusals ? undefined : desk;
  };
  const agent = await startAgent({
    env: {
      BOT_ID: "bot-1",
      HEALTH_CHECK_PORT: "0",
      HEALTH_CHECK_HOST: "127.0.0.1",
      LOG_LEVEL: "error",
      ALERTMANAGER_TOKEN: TOKEN,
    },
    loadCatalogue: async () => fakeCatalogue({ alerts: { routes: [alertmanagerRoute(deskOf)] } }),
  });
  stops.push(() => agent.stop("the test is over"));
  await agent.started;
  return { agent, taken, asked: () => asked };
}

/** @param groupInterval how soon news of a group is sent; what was refused for good waits as long. */
async function startFor(
  receiver: Readonly<Record<string, unknown>>,
  groupInterval = "1s",
): Promise<AlertmanagerServer> {
  const server = await startAlertmanager({
    route: {
      receiver: "team",
      group_by: ["alertname"],
      group_wait: "0s",
      group_interval: groupInterval,
      repeat_interval: "1h",
    },
    receivers: [{ name: "team", ...receiver }],
  });
  stops.push(() => server.stop());
  return server;
}

function webhookConfig({ http }: Agent, token = TOKEN) {
  return {
    url: `http://127.0.0.1:${http.port}/alertmanager`,
    send_resolved: true,
    http_config: { authorization: { type: "Bearer", credentials: token } },
  };
}

const BEGAN_AT = new Date(Date.now() - 60_000).toISOString();

function firing(name: string, endsAt?: string) {
  return {
    labels: { alertname: name, severity: "page", instance: "db-1:9100", runbook: "bot-crashed" },
    annotations: {
      summary: 'The disk of <db-1> & "friends" is full: 99 % *now*_',
      description: "Remove old logs.",
    },
    startsAt: BEGAN_AT,
    ...(endsAt === undefined ? {} : { endsAt }),
  };
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`${what}: waited in vain`);
    await Bun.sleep(20);
  }
}

const alertmanager = needing(PROGRAM, "a real Alertmanager");
describe.skipIf(alertmanager.isMissing)(alertmanager.title, () => {
  test(
    "reports an alert and its end to an agent, to Telegram and to Discord",
    async () => {
      const { agent, taken } = await startTakingAgent(0);
      const telegram = TelegramServer.start();
      const discord = DiscordServer.start();
      stops.push(
        () => telegram.close(),
        () => discord.close(),
      );
      const server = await startFor({
        webhook_configs: [webhookConfig(agent)],
        telegram_configs: [
          { api_url: telegram.apiRoot, bot_token: telegram.token, chat_id: TEAM_CHAT_ID, parse_mode: "HTML" },
        ],
        discord_configs: [{ webhook_url: discord.webhookUrl }],
      });
      await server.post([firing("DiskFull")]);
      await until("all three know", () =>
        [taken, telegram.messages, discord.messages].every(({ length }) => length >= 1),
      );
      expect(taken[0]).toMatchObject({
        rule: "external",
        severity: "critical",
        summary: 'DiskFull: The disk of <db-1> & "friends" is full: 99 % *now*_ (db-1:9100)',
        nextStep: "Remove old logs.",
        runbook: "bot-crashed",
        holds: true,
      });
      expect(telegram.messages[0]?.text).toContain('The disk of <db-1> & "friends" is full');
      expect(JSON.stringify(discord.messages[0])).toContain("FIRING");

      await server.post([firing("DiskFull", new Date().toISOString())]);
      await until("all three know that it is over", () =>
        [taken, telegram.messages, discord.messages].every(({ length }) => length >= 2),
      );
      expect(taken.map(({ fingerprint, holds }) => ({ fingerprint, holds }))).toEqual([
        { fingerprint: taken[0]!.fingerprint, holds: true },
        { fingerprint: taken[0]!.fingerprint, holds: false },
      ]);
      expect(telegram.messages[1]?.text).toContain("Resolved");
      expect(JSON.stringify(discord.messages[1])).toContain("RESOLVED");
      expect(await server.metric("alertmanager_notifications_failed_total")).toBe(0);
    },
    TEST_MS,
  );

  test(
    "comes again while an agent is not ready, until every alert is taken",
    async () => {
      const { agent, taken, asked } = await startTakingAgent(3);
      const server = await startFor({ webhook_configs: [webhookConfig(agent)] }, "5m");
      const names = ["DiskFull", "HostDown", "CertificateExpires"];
      await server.post(names.map((name) => firing(name)));
      await until("every alert is taken", () => taken.length >= names.length);
      expect(asked()).toBeGreaterThanOrEqual(names.length + 3);
      expect(taken.map(({ summary }) => summary.split(":")[0]).toSorted()).toEqual(names.toSorted());
    },
    TEST_MS,
  );

  test(
    "with a wrong token is refused, and counts that as a failure of its own",
    async () => {
      const { agent, taken } = await startTakingAgent(0);
      const server = await startFor({ webhook_configs: [webhookConfig(agent, "another-token-of-nobody")] });
      await server.post([firing("DiskFull")]);
      await until("it counts the failure", async () => {
        return (await server.metric("alertmanager_notifications_failed_total")) > 0;
      });
      expect(taken).toEqual([]);
    },
    TEST_MS,
  );
});
