/** What the agents of this host wrote down in STATE_DIR: audits and ledgers of alerts. Only reads; an agent may be writing. */
import { Database } from "bun:sqlite";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "@jeju-oracle/kit";
import type { Alert } from "../alerts/alert.ts";
import { decodeAlert } from "../alerts/ledger.ts";
import { merge } from "../alerts/merge.ts";
import { type AuditEntry, brokenLines, readAudit } from "../audit/audit-log.ts";
import type { Part } from "./incident.ts";

/** More would not help a reader. */
const BROKEN_LINES_NAMED = 5;

/** Every audit in the directory. A chain that is broken is named: something in it was changed or taken out. */
export function readAudits(stateDir: string): Part<AuditEntry> {
  return readEach(stateDir, "audits", /^audit-.+\.jsonl$/, (path) => {
    const broken = brokenLines(path);
    const named = broken.slice(0, BROKEN_LINES_NAMED).join(", ");
    const more = broken.length > BROKEN_LINES_NAMED ? ` and ${broken.length - BROKEN_LINES_NAMED} more` : "";
    return {
      items: readAudit(path),
      problem:
        broken.length === 0
          ? undefined
          : `its chain is broken at line ${named}${more}: something was changed or taken out`,
    };
  });
}

/** Every alert that agents of this host kept, ended episodes included. */
export function readLedgers(stateDir: string): Part<Alert> {
  const { sources, items } = readEach(stateDir, "ledgers of alerts", /^alerts-.+\.sqlite$/, (path) => ({
    items: readLedger(path),
    problem: undefined,
  }));
  return { sources, items: mergeAlerts(items) };
}

/** One entry per episode, from whatever copies there are. */
export function mergeAlerts(alerts: readonly Alert[]): readonly Alert[] {
  const byEpisode = new Map<string, Alert>();
  for (const alert of alerts) {
    const key = JSON.stringify([alert.fingerprint, alert.episode]);
    const other = byEpisode.get(key);
    byEpisode.set(key, other === undefined ? alert : merge(other, alert));
  }
  return [...byEpisode.values()];
}

function readLedger(path: string): readonly Alert[] {
  const database = new Database(path, { readonly: true });
  try {
    const rows = database
      .query<{ record: string }, []>("SELECT record FROM alert UNION ALL SELECT record FROM episode")
      .all();
    return rows.flatMap(({ record }) => decodeAlert(record) ?? []);
  } finally {
    database.close();
  }
}

function readEach<Item>(
  stateDir: string,
  what: string,
  pattern: RegExp,
  read: (path: string) => { readonly items: readonly Item[]; readonly problem: string | undefined },
): Part<Item> {
  const names = namesIn(stateDir);
  if (typeof names === "string") {
    return { sources: [{ name: `${what} in ${stateDir}`, problem: names }], items: [] };
  }
  const files = names.filter((name) => pattern.test(name)).sort();
  if (files.length === 0) {
    return {
      sources: [{ name: `${what} in ${stateDir}`, problem: "missing: there are none; is STATE_DIR right?" }],
      items: [],
    };
  }
  const parts = files.map((file): Part<Item> => {
    const path = join(stateDir, file);
    try {
      const { items, problem } = read(path);
      return { sources: [{ name: path, problem }], items };
    } catch (error) {
      return { sources: [{ name: path, problem: `missing: ${describeError(error)}` }], items: [] };
    }
  });
  return {
    sources: parts.flatMap(({ sources }) => sources),
    items: parts.flatMap(({ items }) => items),
  };
}

/** @returns the names, or why there are none. */
function namesIn(stateDir: string): readonly string[] | string {
  if (!existsSync(stateDir)) return "missing: there is no such directory; set STATE_DIR";
  try {
    return readdirSync(stateDir);
  } catch (error) {
    return `missing: ${describeError(error)}`;
  }
}
