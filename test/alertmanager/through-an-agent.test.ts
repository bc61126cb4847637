/** Debian's Alertmanager, a real agent, and the team's chat: an alert of another system is told, and edited when it is over. */
import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalnet } from "@jeju-oracle/localnet";
import { spawnCli } from "../../agent/test/support/spawned-agent.ts";
import { TEAM_CHAT_ID, TelegramServer } from "../../plugins/alerts-chat/test/support/telegram-server.ts";
import { needing } from "../ops/support/debian-tool.ts";
import { PROGRAM, startAlertmanager } from "./support/alertmanager-server.ts";

const TOKEN = "a-token-of-the-alertmanager";
const TEST_MS = 90_000;
const PATIENCE_MS = 40_000;
/** What somebody who may write labels could try: markup, a command, a button's data. */
const HOSTILE = "</b> /force_leader bot-2 `p:c:AAAAAAAAAAAAAAAAAAAAAA:0000000000000000` *now*";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function until(what: string, holds: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`${what}: waited in vain`);
    await Bun.sleep(20);
  }
}

const alertmanager = needing(PROGRAM, "a real Alertmanager behind a real agent");
describe.skipIf(alertmanager.isMissing)(alertmanager.title, () => {
  test(
    "tells the team once, as text, and edits the message when it is over",
    async () => {
      const directory = mkdtempSync(join(tmpdir(), "alertmanager-agent-"));
      stops.push(() => rmSync(directory, { recursive: true }));
      const net = await startLocalnet({ bots: 1 });
      stops.push(() => net.stop());
      const telegram = TelegramServer.start();
      stops.push(() => telegram.close());
      const agent = spawnCli(["run"], {
        ...net.env(0),
        STATE_DIR: join(directory, "state"),
        HEALTH_CHECK_PORT: "0",
        HEALTH_CHECK_HOST: "127.0.0.1",
        LOG_FORMAT: "json",
        TELEGRAM_BOT_TOKEN: telegram.token,
        TELEGRAM_CHAT_ID: String(TEAM_CHAT_ID),
        TELEGRAM_API_ROOT: telegram.apiRoot,
        ALERTMANAGER_TOKEN: TOKEN,
      });
      stops.push(() => agent[Symbol.asyncDispose]());
      const server = await startAlertmanager({
        route: { receiver: "agents", group_wait: "0s", group_interval: "1s", repeat_interval: "1h" },
        receivers: [
          {
            name: "agents",
            webhook_configs: [
              {
                url: `${await agent.url()}/alertmanager`,
                send_resolved: true,
                http_config: { authorization: { type: "Bearer", credentials: TOKEN } },
              },
            ],
          },
        ],
      });
      stops.push(() => server.stop());
      const alert = {
        labels: { alertname: "DiskFull", severity: "page" },
        annotations: { summary: HOSTILE },
        startsAt: new Date(Date.now() - 60_000).toISOString(),
      };
      const told = () => telegram.messages.filter(({ text }) => text?.includes("DiskFull") === true);
      await server.post([alert]);
      await until("the team is told", () => told().length > 0);
      expect(told()[0]?.text).toContain(HOSTILE);
      const formatted = told()[0]?.entities?.filter(({ offset, length }) =>
        told()[0]
          ?.text?.slice(offset, offset + length)
          .includes("force_leader"),
      );
      expect(formatted ?? []).toEqual([]);
      await server.post([{ ...alert, endsAt: new Date().toISOString() }]);
      await until("the message shows the end", () => /is over/.test(told()[0]?.text ?? ""));
      expect(told()).toHaveLength(1);
    },
    TEST_MS,
  );
});
