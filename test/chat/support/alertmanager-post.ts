/** What Alertmanager would post to an agent: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */

export interface OutsideAlert {
  readonly name: string;
  readonly severity: "critical" | "warning" | "info";
  readonly summary: string;
}

export function webhookBody(alerts: readonly OutsideAlert[], status: "firing" | "resolved"): string {
  const at = new Date().toISOString();
  return JSON.stringify({
    version: "4",
    groupKey: "{}:{}",
    truncatedAlerts: 0,
    status,
    receiver: "oracle",
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: "http://alertmanager.example",
    alerts: alerts.map(({ name, severity, summary }) => ({
      status,
      labels: { alertname: name, severity },
      annotations: { summary },
      startsAt: at,
      endsAt: status === "resolved" ? at : "0001-01-01T00:00:00Z",
      generatorURL: "",
      fingerprint: Bun.hash(summary).toString(16),
    })),
  });
}

/** Posts until it is taken, as Alertmanager does. @param url asked anew each time: the agent may have been started again. */
export async function postUntilTaken(
  url: () => string | undefined,
  token: string,
  body: string,
  giveUpAfterMs: number,
): Promise<void> {
  const endMs = performance.now() + giveUpAfterMs;
  let last = "nobody was there";
  while (performance.now() < endMs) {
    const base = url();
    try {
      if (base !== undefined) {
        const reply = await fetch(`${base}/alertmanager`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body,
          signal: AbortSignal.timeout(5_000),
        });
        if (reply.status === 200) return;
        last = `${reply.status} ${await reply.text()}`;
      }
    } catch (error) {
      // Killed while it was asked: it is asked again.
      last = String(error);
    }
    await Bun.sleep(50);
  }
  throw new Error(`the alerts were not taken: ${last}`);
}
