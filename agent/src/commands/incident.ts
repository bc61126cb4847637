/** `oracle-agent incident`: alerts, actions, leaders and prices of a period as one page. What cannot be read is named in it. */
import { writeFileSync } from "node:fs";
import {
  agentEnv,
  BaseError,
  describeError,
  parseEnv,
  registerSecret,
  registerUrlSecrets,
  scrubSecrets,
} from "@jeju-oracle/kit";
import {
  type Alert,
  decodeAlert,
  type Incident,
  incidentPage,
  mergeAlerts,
  type Part,
  readAudits,
  readLedgers,
  readPrices,
  type Source,
  timelineOf,
} from "@jeju-oracle/plugin-alerts-chat/operator";
import type { HistoryEntry } from "@jeju-oracle/plugin-leader-lock";
import type { CommandInput } from "../command-line/command.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { describeMs, parseDurationS } from "./support/duration.ts";
import type { OperatorSession } from "./support/operator-session.ts";
import { senderIn } from "./support/price-senders.ts";
import type { CommandResult } from "./support/session.ts";
import { isoTime } from "./support/times.ts";

/** What is older is in backups. */
const LONGEST_MS = 31 * 86_400_000;
const ALERTS_IN_STORE = "alert/a/";

class OutputError extends BaseError {
  constructor(path: string, cause: unknown) {
    super(`the report cannot be written to ${path}: ${describeError(cause)}`, {
      code: "report-unwritable",
      retryable: false,
      nextStep: "Name another file that does not exist, or leave --out out.",
      cause,
    });
  }
}

export async function incident(input: CommandInput, session: OperatorSession): Promise<CommandResult> {
  const nowMs = session.clock.wallMs();
  const sinceMs = timeOption("since", input.value("since") ?? "", nowMs);
  const until = input.value("until");
  const untilMs = until === undefined ? nowMs : timeOption("until", until, nowMs);
  if (untilMs <= sinceMs || nowMs - sinceMs > LONGEST_MS) {
    const period = `--since ${isoTime(sinceMs)} and --until ${isoTime(untilMs)} are no period`;
    throw new UsageError(
      period,
      `It must end after it begins, and begin in the last ${describeMs(LONGEST_MS)}.`,
    );
  }
  registerSecretsIn(session.env);
  const found = await gather(session, { sinceMs, untilMs, madeAtMs: nowMs });
  const page = incidentPage(found);
  const out = input.value("out");
  if (out !== undefined) write(out, page);
  const sources = [found.alerts, found.actions, found.terms, found.prices].flatMap((part) => part.sources);
  const missing = sources.filter(({ problem }) => problem !== undefined);
  return {
    exitCode: EXIT_OK,
    failed: false,
    lines:
      out === undefined
        ? [page.trimEnd()]
        : [
            `The report is in ${out}.`,
            ...missing.map(({ name, problem }) => scrubSecrets(`Not complete: ${name}: ${problem}`)),
          ],
    data: { ...jsonOf(found), missing, out: out ?? null },
  };
}

async function gather(
  session: OperatorSession,
  period: Pick<Incident, "sinceMs" | "untilMs" | "madeAtMs">,
): Promise<Incident> {
  const { env, clock } = session;
  const stateDir = parseEnv({ STATE_DIR: agentEnv.STATE_DIR }, env).STATE_DIR;
  const { sinceMs, untilMs } = period;
  const [stored, terms, botIds] = await Promise.all([
    fromStore(session, "alerts in the store", alertsInStore),
    fromStore(session, "terms in the store", (fleet) => fleet.office.history()),
    fromStore(session, "members in the store", async (fleet) =>
      (await fleet.office.report()).members.map(({ identity }) => identity.botId),
    ),
  ]);
  const known = [...new Set([...botIds.items, ...terms.items.map(({ leader }) => leader)])];
  const prices = await readPrices(env, clock, {
    sinceMs,
    untilMs,
    botOf: (calldata) => senderIn(calldata, known),
  });
  const ledgers = readLedgers(stateDir);
  const audits = readAudits(stateDir);
  const isWithin = (atMs: number) => atMs >= sinceMs && atMs <= untilMs;
  return {
    ...period,
    alerts: {
      sources: [...stored.sources, ...ledgers.sources],
      items: mergeAlerts([...stored.items, ...ledgers.items]),
    },
    actions: { ...audits, items: audits.items.filter(({ at }) => isWithin(at)) },
    terms: { ...terms, items: terms.items.filter(({ timestamp }: HistoryEntry) => isWithin(timestamp)) },
    prices,
  };
}

type Fleet = NonNullable<OperatorSession["fleet"]>;

async function fromStore<Item>(
  { fleet, storeProblem }: OperatorSession,
  name: string,
  read: (fleet: Fleet) => Promise<readonly Item[]>,
): Promise<Part<Item>> {
  const missing = (why: string): Part<Item> => {
    const source: Source = { name, problem: `missing: ${why}` };
    return { sources: [source], items: [] };
  };
  if (fleet === undefined) return missing(storeProblem ?? "the store does not answer");
  try {
    return { sources: [{ name, problem: undefined }], items: await read(fleet) };
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    return missing(describeError(error));
  }
}

async function alertsInStore({ office }: Fleet): Promise<readonly Alert[]> {
  const records = await office.records.list(ALERTS_IN_STORE);
  return records.flatMap(({ value }) => decodeAlert(value) ?? []);
}

/** `2h` before now, or a time with its zone. */
function timeOption(option: string, text: string, nowMs: number): number {
  const seconds = parseDurationS(text);
  if (seconds !== undefined) return nowMs - seconds * 1_000;
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs;
  throw new UsageError(
    `--${option} is no time`,
    "Write how long ago, like 2h or 1d, or a time with its zone, like 2026-03-01T09:30Z.",
  );
}

function write(path: string, page: string): void {
  try {
    // Never over a file that is there: it may be the report of the last incident.
    writeFileSync(path, page, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new OutputError(path, error);
  }
}

/** Text that others wrote down may hold what this host knows as a secret. */
function registerSecretsIn(env: OperatorSession["env"]): void {
  for (const [name, value = ""] of Object.entries(env)) {
    if (/(_KEY|_TOKEN|_SECRET|PASSWORD)$/.test(name)) registerSecret(value);
    for (const url of value.split(","))
      if (/^\w+:\/\//.test(url) && URL.canParse(url)) registerUrlSecrets(url);
  }
}

function jsonOf(found: Incident): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(
    {
      since: isoTime(found.sinceMs),
      until: isoTime(found.untilMs),
      timeline: timelineOf(found).map(({ atMs, ...entry }) => ({ at: isoTime(atMs), ...entry })),
      alerts: found.alerts.items.map(({ slots: _slots, nonce: _nonce, ...alert }) => alert),
      actions: found.actions.items,
      terms: found.terms.items,
      prices: found.prices.items.map(({ atMs, ...price }) => ({ at: isoTime(atMs), ...price })),
    },
    (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
  );
  return JSON.parse(text) as Record<string, unknown>;
}
