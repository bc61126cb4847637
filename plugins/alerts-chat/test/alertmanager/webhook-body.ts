/** Bodies as Alertmanager 0.25 posts them: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */

export interface WebhookAlert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

let count = 0;

export function outsideAlert(given: Partial<WebhookAlert>): WebhookAlert {
  count += 1;
  return {
    status: "firing",
    labels: { alertname: "DiskFull" },
    annotations: {},
    startsAt: "2026-01-02T03:04:05.678Z",
    endsAt: "0001-01-01T00:00:00Z",
    generatorURL: "http://prometheus.example/graph?g0.expr=1",
    fingerprint: count.toString(16).padStart(16, "0"),
    ...given,
  };
}

export function webhookOf(alerts: readonly WebhookAlert[]) {
  return {
    receiver: "oracle-agents",
    status: alerts.some(({ status }) => status === "firing") ? "firing" : "resolved",
    alerts,
    groupLabels: { alertname: "DiskFull" },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: "http://alertmanager.example",
    version: "4",
    groupKey: '{}:{alertname="DiskFull"}',
    truncatedAlerts: 0,
  };
}
