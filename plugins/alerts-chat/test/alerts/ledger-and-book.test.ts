import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLogger } from "@jeju-oracle/kit";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { Ledger, LedgerError } from "../../src/alerts/ledger.ts";
import { TestAgent, TestFolder } from "./support/agents.ts";
import { HOUR_MS, messageOf, observed, over, seen, T0, told } from "./support/observations.ts";

let folder: TestFolder;
let clock: SimulatedClock;
const open = (botId = "bot-1", more = {}) =>
  new TestAgent(botId, { store: undefined, clock, stateDir: folder.path, ...more });
const fileOf = (botId = "bot-1") => join(folder.path, `${botId}.sqlite`);

beforeEach(() => {
  folder = new TestFolder();
  clock = new SimulatedClock(T0);
});
afterEach(() => folder[Symbol.dispose]());

describe("the ledger", () => {
  const alert = told(observed(undefined, seen(), T0), "telegram/warning", { message: messageOf("7") });

  test("gives back after a restart exactly what was saved", () => {
    const entries = [
      { alert, dirty: true, isNew: false },
      { alert: { ...alert, fingerprint: "b" }, dirty: false, isNew: false },
      { alert: { ...alert, fingerprint: "c" }, dirty: true, isNew: true },
    ];
    const before = new Ledger(fileOf(), silentLogger);
    before.save(entries, []);
    before.close();
    const after = new Ledger(fileOf(), silentLogger);
    expect(after.load()).toEqual(entries);
    after.save([], ["b"]);
    expect(after.load().map((entry) => entry.alert.fingerprint)).toEqual(["source-rejected", "c"]);
    after.close();
  });

  test("survives a process that ended without closing it", () => {
    new Ledger(fileOf(), silentLogger).save([{ alert, dirty: true, isNew: true }], []);
    const after = new Ledger(fileOf(), silentLogger);
    expect(after.load()).toHaveLength(1);
    after.close();
  });

  test("that is damaged is put aside, never deleted, and a new one begins", () => {
    const before = new Ledger(fileOf(), silentLogger);
    before.save([{ alert, dirty: true, isNew: true }], []);
    before.close();
    const garbage = Buffer.alloc(8_192, "this is no database. ");
    writeFileSync(fileOf(), garbage);
    const log = captureLog();
    const after = new Ledger(fileOf(), log.logger);
    expect(after.load()).toEqual([]);
    after.save([{ alert, dirty: false, isNew: false }], []);
    expect(after.load()).toHaveLength(1);
    after.close();
    const aside = readdirSync(folder.path).filter((name) => name.includes(".damaged-"));
    expect(aside.some((name) => readFileSync(join(folder.path, name)).equals(garbage))).toBe(true);
    expect(log.matching("put aside")).toHaveLength(1);
  });

  test("that turns out to be damaged while it is read is put aside too", () => {
    const before = new Ledger(fileOf(), silentLogger);
    before.save(
      Array.from({ length: 200 }, (_, n) => ({
        alert: { ...alert, fingerprint: `f${n}` },
        dirty: false,
        isNew: false,
      })),
      [],
    );
    before.close();
    const bytes = readFileSync(fileOf());
    bytes.fill(0xff, 4_096, bytes.length);
    writeFileSync(fileOf(), bytes);
    const after = new Ledger(fileOf(), silentLogger);
    expect(after.load()).toEqual([]);
    after.save([{ alert, dirty: false, isNew: false }], []);
    expect(after.load()).toHaveLength(1);
    after.close();
  });

  test("leaves out what it cannot read, and keeps the rest", () => {
    const ledger = new Ledger(fileOf(), silentLogger);
    ledger.save([{ alert, dirty: false, isNew: false }], []);
    const database = new Database(fileOf());
    database.run("INSERT INTO alert VALUES ('x', 'no json', 0), ('y', '{\"of\":\"another version\"}', 1)");
    database.close();
    expect(ledger.load()).toHaveLength(1);
    ledger.close();
  });

  test("keeps ended episodes for reports, 5,000 at most", () => {
    const ledger = new Ledger(fileOf(), silentLogger);
    const ended = observed(alert, over(seen()), T0 + 1);
    const many = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => ({
        alert: { ...ended, episode: from + n },
        dirty: false,
        isNew: false,
      }));
    ledger.save(many(1, 5_100), []);
    ledger.save([{ alert, dirty: false, isNew: false }, ...many(6_000, 3)], []);
    ledger.close();
    const database = new Database(fileOf(), { readonly: true });
    const rows = database
      .query<{ n: number; last: number }, []>("SELECT count(*) n, max(episode) last FROM episode")
      .get();
    database.close();
    expect(rows).toEqual({ n: 5_000, last: 6_002 });
  });

  test("keeps an ended episode however often a later one is written again", () => {
    const ledger = new Ledger(fileOf(), silentLogger);
    const ended = observed(alert, over(seen()), T0 + 1);
    ledger.save([{ alert: ended, dirty: false, isNew: false }], []);
    const later = { alert: { ...ended, episode: 2 }, dirty: false, isNew: false };
    ledger.save(
      Array.from({ length: 5_100 }, () => later),
      [],
    );
    ledger.close();
    const database = new Database(fileOf(), { readonly: true });
    const rows = database
      .query<{ episode: number }, []>("SELECT episode FROM episode ORDER BY episode")
      .all();
    database.close();
    expect(rows.map(({ episode }) => episode)).toEqual([1, 2]);
  });

  test("that has no place says what to do", () => {
    mkdirSync(fileOf());
    const ledger = new Ledger(fileOf(), silentLogger);
    expect(() => ledger.load()).toThrow(LedgerError);
    expect(() => ledger.load()).toThrow(fileOf());
  });

  test("is nobody else's to read", () => {
    const inside = join(folder.path, "state");
    const ledger = new Ledger(join(inside, "a.sqlite"), silentLogger);
    ledger.save([{ alert, dirty: false, isNew: false }], []);
    ledger.close();
    expect(statSync(inside).mode & 0o777).toBe(0o700);
  });
});

describe("the book", () => {
  test("has what it took in memory at once and on disk a turn later", async () => {
    const agent = open();
    expect(agent.book.take(seen())).toBe(true);
    expect(agent.book.take(seen())).toBe(false);
    expect(agent.active()).toEqual(["source-rejected #1"]);
    await clock.advance(0);
    const after = open();
    expect(after.active()).toEqual(["source-rejected #1"]);
    expect(after.book.unsynced()).toHaveLength(1);
  });

  test("is on disk when a flush returns: what comes from outside is answered after that", () => {
    const agent = open();
    agent.book.take(seen());
    agent.book.flush();
    expect(open().active()).toEqual(["source-rejected #1"]);
  });

  test("takes alerts although the disk takes nothing, says so, and brings them there when it does", async () => {
    mkdirSync(fileOf());
    const agent = open();
    expect(agent.said).toHaveLength(1);
    expect(agent.said[0]).toContain("cannot be kept");
    agent.book.take(seen());
    expect(() => agent.book.flush()).toThrow(LedgerError);
    await clock.advance(60_000);
    expect(agent.active()).toEqual(["source-rejected #1"]);
    expect(agent.said).toHaveLength(1);
    rmSync(fileOf(), { recursive: true });
    await clock.advance(5_000);
    expect(agent.said).toHaveLength(2);
    expect(agent.said[1]).toBeUndefined();
    expect(open().active()).toEqual(["source-rejected #1"]);
  });

  test("says it when only a flush finds out, and tries again by itself", async () => {
    const agent = open();
    agent.book.take(seen());
    agent.ledger.close();
    rmSync(fileOf(), { force: true });
    mkdirSync(fileOf());
    expect(() => agent.book.flush()).toThrow(LedgerError);
    expect(agent.said).toHaveLength(1);
    rmSync(fileOf(), { recursive: true });
    await clock.advance(5_000);
    expect(agent.said.at(-1)).toBeUndefined();
    expect(open().active()).toEqual(["source-rejected #1"]);
  });

  test("reads what the run before left as soon as the disk gives it, and joins it with what holds now", async () => {
    const before = open();
    before.book.take(seen());
    before.book.take(seen({ rule: "price-stale" }));
    await before.stop();
    const kept = `${fileOf()}.kept`;
    renameSync(fileOf(), kept);
    mkdirSync(fileOf());
    const agent = open();
    agent.book.take(seen({ raiser: "bot-2" }));
    expect(agent.active()).toEqual(["source-rejected #1"]);
    rmSync(fileOf(), { recursive: true });
    renameSync(kept, fileOf());
    await clock.advance(5_000);
    expect(agent.active()).toEqual(["price-stale #1", "source-rejected #1"]);
    expect(Object.keys(agent.book.find("source-rejected")?.raisers ?? {}).sort()).toEqual(["bot-1", "bot-2"]);
  });

  test("tries to read it also when nothing else happens", async () => {
    const before = open();
    before.book.take(seen());
    await before.stop();
    renameSync(fileOf(), `${fileOf()}.kept`);
    mkdirSync(fileOf());
    const agent = open();
    await clock.advance(60_000);
    rmSync(fileOf(), { recursive: true });
    renameSync(`${fileOf()}.kept`, fileOf());
    await clock.advance(5_000);
    expect(agent.active()).toEqual(["source-rejected #1"]);
    expect(agent.said.at(-1)).toBeUndefined();
  });

  test("knows 5,000 alerts at most: the oldest that ended makes room, and one that holds never does", () => {
    const log = captureLog();
    const agent = open("bot-1", { logger: log.logger });
    const nth = (n: number) => seen({ rule: "external", fingerprint: `am:${n}`, raiser: "alertmanager" });
    for (let n = 0; n < 5_000; n++) agent.book.take(nth(n));
    expect(agent.book.take(nth(5_000))).toBe(false);
    expect(log.matching("too many others hold")).toHaveLength(1);
    agent.book.take(over(nth(1_234)));
    expect(agent.book.take(nth(5_000))).toBe(true);
    expect(agent.book.find("am:1234")).toBeUndefined();
    expect(agent.book.all()).toHaveLength(5_000);
  });

  test("forgets what ended a day ago, on disk too", async () => {
    const agent = open();
    agent.book.take(seen());
    agent.book.take(seen({ rule: "price-stale" }));
    agent.book.take(over(seen()));
    await clock.advance(24 * HOUR_MS);
    expect(agent.book.old()).toEqual([]);
    await clock.advance(1);
    expect(agent.book.old().map(({ fingerprint }) => fingerprint)).toEqual(["source-rejected"]);
    for (const alert of agent.book.old()) agent.book.forget(alert);
    await clock.advance(0);
    expect(
      open()
        .book.all()
        .map(({ fingerprint }) => fingerprint),
    ).toEqual(["price-stale"]);
  });
});
