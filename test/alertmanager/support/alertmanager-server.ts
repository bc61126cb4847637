/** A real, private Alertmanager: a free loopback port, a folder of its own, gone with the test. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pickFreePort, startAtFreePort } from "../../../plugins/leader-lock/test/support/free-port.ts";
import { startServerProcess } from "../../../plugins/leader-lock/test/support/server-process.ts";

export const PROGRAM = "prometheus-alertmanager";

/** An alert as Prometheus posts it: https://github.com/prometheus/alertmanager/blob/v0.25.0/api/v2/openapi.yaml */
interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  /** In the past: it is over. */
  readonly endsAt?: string;
}

export interface AlertmanagerServer {
  post(alerts: readonly PostedAlert[]): Promise<void>;
  /** The value of one of its metrics, all series together. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** @param config its alertmanager.yml; JSON is YAML. */
export function startAlertmanager(config: unknown): Promise<AlertmanagerServer> {
  return startAtFreePort(async () => {
    const directory = mkdtempSync(join(tmpdir(), "oracle-alertmanager-"));
    const configFile = join(directory, "alertmanager.yml");
    writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });
    const port = pickFreePort();
    const url = `http://127.0.0.1:${port}`;
    const server = await startServerProcess({
      directory,
      command: [
        ...[PROGRAM, `--config.file=${configFile}`, `--storage.path=${join(directory, "data")}`],
        // Without an address there is no cluster, and no port of one.
        ...[`--web.listen-address=127.0.0.1:${port}`, "--cluster.listen-address="],
      ],
      isReady: async (log) => log.includes("Listening on"),
    });
    return {
      async post(alerts) {
        const reply = await fetch(`${url}/api/v2/alerts`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(alerts),
        });
        if (!reply.ok)
          throw new Error(`Alertmanager refuses the alerts: ${reply.status} ${await reply.text()}`);
      },
      async metric(name) {
        const text = await (await fetch(`${url}/metrics`)).text();
        const series = text
          .split("\n")
          .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
        return series.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
      },
      stop: () => server.stop(),
    };
  });
}
