/**
 * What Alertmanager posts, version 4 (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config), as observations. Pure.
 * The sender is known by its token, the text is not: anybody may have put it into a label. It stays text, of bounded length, on one
 * line and without invisible characters; the only thing of ours that it can name is a runbook.
 */
import { z } from "zod";
import type { Observation } from "../alerts/alert.ts";
import { EXTERNAL } from "../alerts/rules/rules.ts";
import { runbookNamed } from "../runbooks/index.ts";
import { singleLine } from "./single-line.ts";

export type WebhookReading =
  | { readonly kind: "observations"; readonly observations: readonly Observation[] }
  /** `problem` names the first field that is wrong. */
  | { readonly kind: "refused"; readonly problem: string };

/** Who reports, for people. */
const RAISER = "alertmanager";

/** More than fit in the server's 256 KiB in practice; `max_alerts` of Alertmanager's webhook_config keeps a message below it. */
const MAX_ALERTS = 1_000;
/** A name that both the store and a file can carry. Alertmanager's own are 16 hex digits. */
const FINGERPRINT = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_SUMMARY_LENGTH = 300;
const MAX_NEXT_STEP_LENGTH = 500;
const MAX_NAME_LENGTH = 100;
const MAX_URL_LENGTH = 300;
/** Labels by which teams say that somebody must be called. */
const CRITICAL = new Set(["critical", "page"]);
const RANK = { critical: 0, warning: 1, info: 2 } as const satisfies Record<Observation["severity"], number>;

const textsSchema = z.record(z.string(), z.string());
const statusSchema = z.enum(["firing", "resolved"]);
const alertSchema = z.object({
  status: statusSchema,
  labels: textsSchema,
  annotations: textsSchema.default({}),
  fingerprint: z.string().regex(FINGERPRINT, "must be 1 to 64 letters, digits, dashes or underscores"),
});
const webhookSchema = z.object({
  version: z.literal("4"),
  status: statusSchema,
  groupKey: z.string(),
  truncatedAlerts: z.int().min(0).default(0),
  alerts: z.array(alertSchema).max(MAX_ALERTS, `holds more than ${MAX_ALERTS} alerts: set max_alerts`),
});
type Webhook = z.output<typeof webhookSchema>;
type OutsideAlert = Webhook["alerts"][number];

/** Reads the parsed body of a request. Fields that we do not know are left alone. */
export function readWebhook(body: unknown): WebhookReading {
  const parsed = webhookSchema.safeParse(body);
  if (!parsed.success) return { kind: "refused", problem: problemOf(parsed.error) };
  const { alerts } = parsed.data;
  return { kind: "observations", observations: [...alerts.map(toObservation), leftOutOf(parsed.data)] };
}

function toObservation({ status, labels, annotations, fingerprint }: OutsideAlert): Observation {
  return {
    fingerprint: `${RAISER}:${fingerprint}`,
    rule: EXTERNAL.id,
    botId: undefined,
    severity: severityOf(labels.severity),
    summary: summaryOf(labels, annotations),
    nextStep: nextStepOf(labels, annotations),
    runbook: runbookNamed(labels.runbook ?? "")?.id,
    raiser: RAISER,
    holds: status === "firing",
  };
}

/** Alerts that `max_alerts` cut off are an alert as well: one for each group, until a message is whole again. */
function leftOutOf({ alerts, groupKey, status, truncatedAlerts }: Webhook): Observation {
  const severities = alerts.map(({ labels }) => severityOf(labels.severity));
  return {
    fingerprint: `${RAISER}:left-out-${Bun.hash(groupKey).toString(16)}`,
    rule: EXTERNAL.id,
    botId: undefined,
    severity: severities.toSorted((a, b) => RANK[a] - RANK[b])[0] ?? "warning",
    summary: `Alertmanager left out ${truncatedAlerts} alerts of a group that is too large`,
    nextStep: "Look into Alertmanager itself; group by more labels or raise max_alerts.",
    runbook: undefined,
    raiser: RAISER,
    holds: truncatedAlerts > 0 && status === "firing",
  };
}

function severityOf(label: string | undefined): Observation["severity"] {
  const word = label?.trim().toLowerCase() ?? "";
  if (CRITICAL.has(word)) return "critical";
  return word === "warning" ? "warning" : "info";
}

type Texts = Readonly<Record<string, string>>;

/** `<alertname>: <what> (<instance>)`, each part once. */
function summaryOf(labels: Texts, annotations: Texts): string {
  const name = singleLine(labels.alertname, MAX_NAME_LENGTH);
  const instance = singleLine(labels.instance, MAX_NAME_LENGTH);
  const room = MAX_SUMMARY_LENGTH - name.length - instance.length - ": ".length - " ()".length;
  const what = singleLine(annotations.summary, room) || singleLine(annotations.description, room);
  const named = [name, what].filter((part) => part !== "").join(": ") || "An alert without a name";
  return instance === "" || named.includes(instance) ? named : `${named} (${instance})`;
}

/** The description unless the summary had to be made of it, and where the outside team's own runbook is. */
function nextStepOf(labels: Texts, annotations: Texts): string {
  const url = singleLine(annotations.runbook_url, MAX_URL_LENGTH);
  const room = MAX_NEXT_STEP_LENGTH - url.length - " Runbook: ".length;
  const hasSummary = singleLine(annotations.summary, 1) !== "";
  const description = hasSummary ? singleLine(annotations.description, room) : "";
  const parts = [description, url === "" ? "" : `Runbook: ${url}`].filter((part) => part !== "");
  if (parts.length > 0) return parts.join(" ");
  const name = singleLine(labels.alertname, MAX_NAME_LENGTH);
  return name === "" ? "See it in Alertmanager." : `See ${name} in Alertmanager.`;
}

/** `alerts.0.status: …`. Says what was expected, never what was given. */
function problemOf({ issues: [first] }: z.ZodError): string {
  if (first === undefined) return "the body is not what Alertmanager posts";
  const field = first.path.map((part) => singleLine(String(part), MAX_NAME_LENGTH)).join(".");
  return `${field === "" ? "the body" : field}: ${first.message}`;
}
