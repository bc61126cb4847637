/** Who led when, and why it changed: one record per term, written by the leader that it began with. */
import { decodeJson, type StoreRecord } from "@jeju-oracle/kit";
import { z } from "zod";
import { bounded, type StoreAccess, settledCas } from "../stores/settled-cas.ts";
import { HISTORY_PREFIX, historyName } from "./names.ts";

const historySchema = z.object({
  term: z.number(),
  leader: z.string(),
  host: z.string(),
  from: z.string().nullable(),
  why: z.string(),
  /** Wall clock of the leader, ms since the epoch. */
  timestamp: z.number(),
});

export type HistoryEntry = z.output<typeof historySchema>;

/** Older terms are removed: enough for months of drills and incidents. */
const KEPT_TERMS = 200;
/** Bounds the work of one removal. */
const REMOVED_AT_ONCE = 20;

/** Writes down the beginning of a term. @throws {StoreUnavailableError} {StoreUnusableError} */
export async function recordTerm(access: StoreAccess, entry: HistoryEntry): Promise<void> {
  // A term has one leader, so its text is unique without a nonce.
  await settledCas(access, historyName(entry.term), null, JSON.stringify(entry));
  const old = (await listHistory(access)).slice(0, -KEPT_TERMS).slice(0, REMOVED_AT_ONCE);
  for (const record of old) await settledCas(access, record.name, record, null);
}

/** Every term that is kept, oldest first. @throws {StoreUnavailableError} {StoreUnusableError} */
export async function readHistory(access: StoreAccess): Promise<readonly HistoryEntry[]> {
  return (await listHistory(access)).flatMap(({ value }) => decodeEntry(value) ?? []);
}

function listHistory(access: StoreAccess): Promise<readonly StoreRecord[]> {
  return bounded(access, "list of terms", (signal) => access.store.list(HISTORY_PREFIX, signal));
}

function decodeEntry(value: string): HistoryEntry | undefined {
  return decodeJson(historySchema, value);
}
