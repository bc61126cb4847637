import { describe, expect, test } from "bun:test";
import { readWebhook } from "../../src/alertmanager/webhook.ts";
import type { Observation } from "../../src/alerts/alert.ts";
import { outsideAlert, webhookOf } from "./webhook-body.ts";

function observations(body: unknown): readonly Observation[] {
  const reading = readWebhook(body);
  if (reading.kind === "refused") throw new Error(reading.problem);
  return reading.observations;
}

/** The observation of the only alert. */
function read(labels: Record<string, string>, annotations: Record<string, string> = {}): Observation {
  return observations(webhookOf([outsideAlert({ labels, annotations })]))[0]!;
}

describe("an alert of Alertmanager", () => {
  test("becomes an observation of the rule external, by its own fingerprint", () => {
    const alert = outsideAlert({
      fingerprint: "0d9c5e5a0ddd3cbc",
      labels: { alertname: "DiskFull", severity: "warning", instance: "db-1:9100", runbook: "bot-crashed" },
      annotations: { summary: "The disk is full", description: "Remove old logs." },
    });
    expect(observations(webhookOf([alert]))[0]).toEqual({
      fingerprint: "alertmanager:0d9c5e5a0ddd3cbc",
      rule: "external",
      botId: undefined,
      severity: "warning",
      summary: "DiskFull: The disk is full (db-1:9100)",
      nextStep: "Remove old logs.",
      runbook: "bot-crashed",
      raiser: "alertmanager",
      holds: true,
    });
  });

  test("no longer holds when it is resolved, whatever the others of its group do", () => {
    const body = webhookOf([outsideAlert({ status: "resolved" }), outsideAlert({ status: "firing" })]);
    expect(
      observations(body)
        .slice(0, 2)
        .map(({ holds }) => holds),
    ).toEqual([false, true]);
  });

  test.each([
    ["critical", "critical"],
    ["Page", "critical"],
    ["warning", "warning"],
    ["info", "info"],
    ["none", "info"],
    [undefined, "info"],
  ] as const)("with the label severity=%p is %s", (label, severity) => {
    expect(read(label === undefined ? {} : { severity: label }).severity).toBe(severity);
  });

  test.each([
    ["A: s", { alertname: "A" }, { summary: "s", description: "d" }],
    ["A: d", { alertname: "A" }, { description: "d" }],
    ["A", { alertname: "A" }, {}],
    ["A: h:1 is down", { alertname: "A", instance: "h:1" }, { summary: "h:1 is down" }],
    ["A (h:1)", { alertname: "A", instance: "h:1" }, {}],
    ["An alert without a name", {}, {}],
  ])(
    "is summed up by what it has of name, summary, description and instance: %s",
    (summary, labels, annotations) => {
      expect(read(labels, annotations).summary).toBe(summary);
    },
  );

  test.each([
    ["d Runbook: https://x/y", { summary: "s", description: "d", runbook_url: "https://x/y" }],
    ["d", { summary: "s", description: "d" }],
    ["See A in Alertmanager.", { description: "d" }],
    ["See A in Alertmanager.", {}],
  ])("has its description and its runbook's address as the next step: %s", (nextStep, annotations) => {
    expect(read({ alertname: "A" }, annotations).nextStep).toBe(nextStep);
  });

  test("names a runbook only when it is one of ours", () => {
    expect(read({ runbook: "price_stale" }).runbook).toBe("price-stale");
    expect(read({ runbook: "rm -rf" }).runbook).toBeUndefined();
    expect(read({}).runbook).toBeUndefined();
  });
});

describe("text of an alert", () => {
  test("is one line without control characters, marks that hide or reorder, or half characters", () => {
    const hostile = "a\u0000b\u001b[31mc\r\nd\u202ee\u200bf\u2028g\ud800h";
    const { summary, nextStep } = read(
      { alertname: hostile, instance: hostile },
      { summary: hostile, description: hostile },
    );
    for (const text of [summary, nextStep]) {
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(text).toContain("a b [31mc d e f g h");
    }
  });

  test("is cut to a length that fits a phone, never within a character", () => {
    const long = "🔥".repeat(50_000);
    const { summary, nextStep } = read(
      { alertname: long, instance: long },
      { summary: long, description: long, runbook_url: long },
    );
    expect(summary.length).toBeLessThanOrEqual(300);
    expect(nextStep.length).toBeLessThanOrEqual(500);
    for (const text of [summary, nextStep]) expect(text.isWellFormed()).toBe(true);
    expect(summary).toContain("…");
  });
});

describe("a message of Alertmanager", () => {
  test("may have fields that we do not know, also those of the real one", () => {
    const body = { ...webhookOf([outsideAlert({})]), another: { field: 1 } };
    expect(observations(body)).toHaveLength(2);
  });

  test("that leaves alerts out says so as an alert of its group, until one is whole again", () => {
    const alerts = [
      outsideAlert({ labels: { severity: "warning" } }),
      outsideAlert({ labels: { severity: "critical" } }),
    ];
    const cut = observations({ ...webhookOf(alerts), truncatedAlerts: 7 }).at(-1)!;
    expect(cut).toMatchObject({ rule: "external", severity: "critical", holds: true });
    expect(cut.summary).toContain("left out 7 alerts");
    const whole = observations(webhookOf(alerts)).at(-1)!;
    expect(whole).toMatchObject({ fingerprint: cut.fingerprint, holds: false });
    const other = observations({ ...webhookOf(alerts), groupKey: "another", truncatedAlerts: 1 }).at(-1)!;
    expect(other.fingerprint).not.toBe(cut.fingerprint);
  });

  const good = webhookOf([outsideAlert({})]);
  const withAlert = (change: object) => ({ ...good, alerts: [{ ...good.alerts[0], ...change }] });
  test.each([
    ["the body", []],
    ["the body", undefined],
    ["the body", "alerts"],
    ["version", { ...good, version: "5" }],
    ["version", { ...good, version: 4 }],
    ["status", { ...good, status: "pending" }],
    ["groupKey", { ...good, groupKey: undefined }],
    ["truncatedAlerts", { ...good, truncatedAlerts: -1 }],
    ["alerts", { ...good, alerts: {} }],
    ["alerts", { ...good, alerts: Array.from({ length: 1_001 }, () => good.alerts[0]) }],
    ["alerts.0.status", withAlert({ status: "gone" })],
    ["alerts.0.labels", withAlert({ labels: "none" })],
    ["alerts.0.labels.severity", withAlert({ labels: { severity: 1 } })],
    ["alerts.0.annotations.summary", withAlert({ annotations: { summary: ["a"] } })],
    ["alerts.0.fingerprint", withAlert({ fingerprint: "../../etc/passwd" })],
    ["alerts.0.fingerprint", withAlert({ fingerprint: "" })],
  ])("is refused by the name of the wrong field: %s", (field, body) => {
    const reading = readWebhook(body);
    expect(reading.kind).toBe("refused");
    if (reading.kind === "refused") expect(reading.problem).toStartWith(`${field}: `);
  });
});
