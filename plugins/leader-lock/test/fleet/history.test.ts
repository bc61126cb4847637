import { describe, expect, test } from "bun:test";
import { systemClock } from "@jeju-oracle/kit";
import { type HistoryEntry, readHistory, recordTerm } from "../../src/fleet/history.ts";
import { HISTORY_PREFIX, historyName } from "../../src/fleet/names.ts";
import type { StoreAccess } from "../../src/stores/settled-cas.ts";
import { MemoryStoreServer } from "../support/memory-store.ts";

function entryOf(term: number): HistoryEntry {
  return { term, leader: "bot-1", host: "ops-1", from: null, why: "released", timestamp: 1_000 + term };
}

function storeOf(server: MemoryStoreServer): StoreAccess {
  return { store: server.client(), clock: systemClock, opTimeoutMs: 3_000 };
}

describe("the history of terms", () => {
  test("is read oldest first, also beyond nine terms", async () => {
    const access = storeOf(new MemoryStoreServer());
    for (const term of [2, 11, 1, 10]) await recordTerm(access, entryOf(term));
    expect((await readHistory(access)).map(({ term }) => term)).toEqual([1, 2, 10, 11]);
    expect((await readHistory(access))[0]).toEqual(entryOf(1));
  });

  test("keeps what was written first for a term", async () => {
    const access = storeOf(new MemoryStoreServer());
    await recordTerm(access, entryOf(1));
    await recordTerm(access, { ...entryOf(1), leader: "bot-2" });
    expect(await readHistory(access)).toEqual([entryOf(1)]);
  });

  test("leaves out what is no entry", async () => {
    const server = new MemoryStoreServer();
    const access = storeOf(server);
    await recordTerm(access, entryOf(2));
    server.compareAndSet(historyName(1), null, "not JSON");
    server.compareAndSet(historyName(3), null, JSON.stringify({ term: "three" }));
    expect(await readHistory(access)).toEqual([entryOf(2)]);
  });

  test("is bounded: the newest 200 terms stay", async () => {
    const server = new MemoryStoreServer();
    const access = storeOf(server);
    for (let term = 1; term <= 210; term++) await recordTerm(access, entryOf(term));
    const terms = (await readHistory(access)).map(({ term }) => term);
    expect(terms).toHaveLength(200);
    expect([terms[0], terms.at(-1)]).toEqual([11, 210]);
  });

  test("shrinks by a bounded number at a time when far too many are there", async () => {
    const server = new MemoryStoreServer();
    for (let term = 1; term <= 300; term++) {
      server.compareAndSet(historyName(term), null, JSON.stringify(entryOf(term)));
    }
    await recordTerm(storeOf(server), entryOf(301));
    expect(server.list(HISTORY_PREFIX)).toHaveLength(281);
  });

  test("has a term once although the reply of the store was lost", async () => {
    const server = new MemoryStoreServer();
    let lost = 0;
    server.faultOf = ({ kind }) => (kind === "cas" && lost++ === 0 ? { drop: "reply" } : undefined);
    await recordTerm(storeOf(server), entryOf(1));
    expect(await readHistory(storeOf(server))).toEqual([entryOf(1)]);
    expect(server.writes).toBe(1);
  });
});
