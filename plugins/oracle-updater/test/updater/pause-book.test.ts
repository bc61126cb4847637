import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FleetDirective } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { Journal, JournalError } from "../../src/transaction/journal.ts";
import { describePause, type Pause, PauseBook } from "../../src/updater/pause-book.ts";
import { NOW_S } from "../support/fixtures.ts";
import { SCOPE } from "../support/journal-entries.ts";

let stateDir: string;
let journal: Journal;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "pause-"));
  journal = openJournal();
});

afterEach(() => {
  journal.close();
  rmSync(stateDir, { recursive: true, force: true });
});

function openJournal(): Journal {
  return new Journal(stateDir, "bot-1", SCOPE, new SimulatedClock());
}

/** The book after the process was restarted. */
function restarted(): PauseBook {
  journal.close();
  journal = openJournal();
  return new PauseBook(journal);
}

const BY_ADA: Pause = { kind: "operator", by: "ada", reason: "deploying" };
const FOREIGN: Pause = { kind: "foreign-update", by: "bot-1", reason: "0xabc changed the price" };
const until = (untilS: bigint): Pause => ({ ...BY_ADA, untilS: untilS.toString() });

describe("a pause", () => {
  test("is there until it is cleared", () => {
    const book = new PauseBook(journal);
    expect(book.current(NOW_S)).toBeUndefined();
    book.set(BY_ADA);
    expect(book.current(NOW_S + 10n ** 9n)).toEqual(BY_ADA);
    book.clear();
    expect(book.current(NOW_S)).toBeUndefined();
  });

  test("survives a restart, with its reason; so does its end", () => {
    new PauseBook(journal).set(until(NOW_S + 60n));
    expect(restarted().current(NOW_S)).toEqual(until(NOW_S + 60n));
    expect(restarted().current(NOW_S + 60n)).toBeUndefined();
  });

  test("that was cleared stays cleared after a restart", () => {
    const book = new PauseBook(journal);
    book.set(BY_ADA);
    book.clear();
    expect(restarted().peek()).toBeUndefined();
  });

  test("ends by chain time, exactly at its end, and is then forgotten on disk, too", () => {
    const book = new PauseBook(journal);
    book.set(until(NOW_S));
    expect(book.current(NOW_S - 1n)).toBeDefined();
    expect(book.current(NOW_S)).toBeUndefined();
    expect(restarted().current(NOW_S - 1n)).toBeUndefined();
  });

  test("does not end while nobody knows the chain's time", () => {
    const book = new PauseBook(journal);
    book.set(until(0n));
    expect(book.peek()).toEqual(until(0n));
  });

  test("of a later time replaces an earlier one", () => {
    const book = new PauseBook(journal);
    book.set(until(NOW_S));
    book.set(until(NOW_S + 60n));
    expect(book.current(NOW_S)).toEqual(until(NOW_S + 60n));
  });
});

describe("a foreign-update hold", () => {
  test("replaces an operator's pause that would end by itself", () => {
    const book = new PauseBook(journal);
    book.set(until(NOW_S + 60n));
    book.set(FOREIGN);
    expect(book.current(NOW_S + 10n ** 9n)).toEqual(FOREIGN);
  });

  test("G2: is not shortened by an operator's pause that ends by itself", () => {
    const book = new PauseBook(journal);
    book.set(FOREIGN);
    book.set(until(NOW_S + 60n));
    expect(book.current(NOW_S + 61n)).toEqual(FOREIGN);
    expect(restarted().current(NOW_S + 61n)).toEqual(FOREIGN);
  });

  test("ends when a person resumes", () => {
    const book = new PauseBook(journal);
    book.set(FOREIGN);
    book.clear();
    book.set(BY_ADA);
    expect(book.current(NOW_S)).toEqual(BY_ADA);
  });
});

describe("a directive of the fleet", () => {
  const directive = (id: string, kind: "pause" | "resume", untilChainTimeS?: bigint): FleetDirective => ({
    id,
    kind,
    by: "grace",
    reason: "incident 7",
    ...(untilChainTimeS === undefined ? {} : { untilChainTimeS }),
  });
  const BY_GRACE: Pause = { kind: "operator", by: "grace", reason: "incident 7" };

  test("pauses from the moment it is obeyed, and ends by chain time when it has an end", () => {
    const book = new PauseBook(journal);
    expect(book.directiveId).toBeUndefined();
    expect(book.obey(directive("d1", "pause", NOW_S + 60n))).toBe(true);
    expect(book.directiveId).toBe("d1");
    expect(book.current(NOW_S + 59n)).toEqual({ ...BY_GRACE, untilS: `${NOW_S + 60n}` });
    expect(book.current(NOW_S + 60n)).toBeUndefined();
    expect(book.directiveId).toBe("d1");
  });

  test("that was obeyed changes nothing any more: neither pause nor resume comes back", () => {
    const book = new PauseBook(journal);
    book.obey(directive("d1", "pause"));
    book.clear();
    expect(book.obey(directive("d1", "pause"))).toBe(false);
    expect(book.current(NOW_S)).toBeUndefined();
    book.obey(directive("d2", "resume"));
    book.set(FOREIGN);
    expect(book.obey(directive("d2", "resume"))).toBe(false);
    expect(book.current(NOW_S)).toEqual(FOREIGN);
    expect(book.directiveId).toBe("d2");
  });

  test("is known after a restart, with its pause and without", () => {
    new PauseBook(journal).obey(directive("d1", "pause"));
    const paused = restarted();
    expect([paused.directiveId, paused.current(NOW_S)]).toEqual(["d1", BY_GRACE]);
    paused.clear();
    const cleared = restarted();
    expect(cleared.obey(directive("d1", "pause"))).toBe(false);
    expect(cleared.current(NOW_S)).toBeUndefined();
  });

  test("to resume ends an operator's pause and a foreign-update hold, once", () => {
    let book = new PauseBook(journal);
    for (const [index, pause] of [BY_ADA, FOREIGN].entries()) {
      book.set(pause);
      book.obey(directive(`d${index}`, "resume"));
      expect(book.current(NOW_S)).toBeUndefined();
      book = restarted();
      expect(book.current(NOW_S)).toBeUndefined();
    }
  });

  test("G2: to pause does not shorten a foreign-update hold, and counts as obeyed", () => {
    const book = new PauseBook(journal);
    book.set(FOREIGN);
    expect(book.obey(directive("d1", "pause", NOW_S))).toBe(true);
    expect(book.current(NOW_S + 60n)).toEqual(FOREIGN);
    expect(restarted().directiveId).toBe("d1");
  });

  test("an older one that a lagging store shows again changes nothing", () => {
    const book = new PauseBook(journal);
    book.obey(directive("d1", "pause"));
    book.obey(directive("d2", "resume"));
    expect(book.obey(directive("d1", "pause"))).toBe(false);
    expect(book.current(NOW_S)).toBeUndefined();
    expect(book.directiveId).toBe("d2");
  });

  test("only the newest are remembered: a year of them does not fill the disk", () => {
    const book = new PauseBook(journal);
    for (let index = 0; index < 100; index++) book.obey(directive(`d${index}`, "resume"));
    expect(journal.readSetting("pause")?.length).toBeLessThan(500);
    expect(book.obey(directive("d99", "resume"))).toBe(false);
  });

  test("error: to pause is in force although it cannot be stored, but counts as obeyed only when it is", () => {
    const closed = new Journal(stateDir, "bot-2", SCOPE, new SimulatedClock());
    const book = new PauseBook(closed);
    closed.close();
    expect(() => book.obey(directive("d1", "pause"))).toThrow(JournalError);
    expect(book.peek()).toEqual(BY_GRACE);
    expect(book.directiveId).toBeUndefined();
  });

  test("error: to resume changes nothing while it cannot be stored: a restart would pause again unasked", () => {
    const closed = new Journal(stateDir, "bot-2", SCOPE, new SimulatedClock());
    const book = new PauseBook(closed);
    book.set(BY_ADA);
    closed.close();
    expect(() => book.obey(directive("d1", "resume"))).toThrow(JournalError);
    expect([book.peek(), book.directiveId]).toEqual([BY_ADA, undefined]);
  });
});

describe("error: a pause cannot be stored", () => {
  test("G2: a foreign-update hold is in force all the same", () => {
    const closed = new Journal(stateDir, "bot-2", SCOPE, new SimulatedClock());
    const book = new PauseBook(closed);
    closed.close();
    expect(() => book.set(FOREIGN)).toThrow(JournalError);
    expect(book.peek()).toEqual(FOREIGN);
  });
});

describe("error: what was stored cannot be read", () => {
  const corrupt = [
    "",
    "{",
    "null",
    "[]",
    '{"kind":"operator"}',
    '{"kind":"holiday","by":"ada","reason":"x"}',
    '{"kind":"operator","by":"ada","reason":"x","untilS":"soon"}',
    '{"kind":"operator","by":"ada","reason":"x","untilS":1700000000}',
    '{"pause":{"kind":"operator","by":"ada"},"obeyed":[]}',
    '{"pause":{"kind":"operator","by":"ada","reason":"x"}}',
    '{"obeyed":["d1",2]}',
    '{"obeyed":["d1"],"paused":true}',
  ];
  for (const text of corrupt) {
    test(`${JSON.stringify(text)} stays a pause until a person resumes`, () => {
      journal.writeSetting("pause", text);
      const book = restarted();
      expect(book.current(NOW_S + 10n ** 9n)).toMatchObject({ kind: "operator", by: "journal" });
      book.clear();
      expect(restarted().peek()).toBeUndefined();
    });
  }

  test("a directive of the fleet to resume ends that pause, too", () => {
    journal.writeSetting("pause", "{");
    const book = restarted();
    book.obey({ id: "d1", kind: "resume", by: "grace", reason: "checked" });
    expect(book.current(NOW_S)).toBeUndefined();
  });
});

describe("in words", () => {
  test("says who paused or what happened", () => {
    expect(describePause(BY_ADA)).toBe("paused by ada: deploying");
    expect(describePause(FOREIGN)).toBe("held since a foreign update: 0xabc changed the price");
  });
});
