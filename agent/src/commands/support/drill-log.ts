/** What was drilled when: a line in STATE_DIR and a record in the fleet's store, which the reminder of drills reads. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { agentEnv, BaseError, describeError, type Env, parseEnv } from "@jeju-oracle/kit";
import {
  DRILL_PREFIX,
  type Drill,
  type DrillRecord,
  decodeDrillRecord,
  drillRecordName,
  encodeDrillRecord,
} from "@jeju-oracle/plugin-alerts-chat/operator";
import type { FleetSession } from "./session.ts";

/** Writes it to both places. @returns the places, and why one is missing. */
export async function recordDrill(
  { office, env }: FleetSession,
  record: DrillRecord,
): Promise<{ readonly places: readonly string[]; readonly problems: readonly string[] }> {
  const places: string[] = [];
  const problems: string[] = [];
  const file = fileOf(env);
  try {
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    appendFileSync(file, `${encodeDrillRecord(record)}\n`, { mode: 0o600 });
    places.push(file);
  } catch (error) {
    problems.push(`Not written to ${file}: ${describeError(error)}`);
  }
  const name = drillRecordName(record.drill, record.atMs);
  try {
    const { won } = await office.records.cas(name, null, encodeDrillRecord(record));
    if (won) places.push(`${name} in the store`);
    else problems.push(`Not written to the store: ${name} is there already.`);
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    problems.push(`Not written to the store: ${describeError(error)}`);
  }
  return { places, problems };
}

/** The latest run of each drill, from both places. @throws {StoreUnavailableError} {StoreUnusableError} */
export async function lastDrills({ office, env }: FleetSession): Promise<ReadonlyMap<Drill, DrillRecord>> {
  const stored = await office.records.list(DRILL_PREFIX);
  const texts = [...stored.map(({ value }) => value), ...linesOf(fileOf(env))];
  const records = texts.flatMap((text) => decodeDrillRecord(text) ?? []);
  return new Map(records.toSorted((a, b) => a.atMs - b.atMs).map((record) => [record.drill, record]));
}

function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
}

function fileOf(env: Env): string {
  return join(parseEnv({ STATE_DIR: agentEnv.STATE_DIR }, env).STATE_DIR, "drills.jsonl");
}
