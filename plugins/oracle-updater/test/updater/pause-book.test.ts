import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
});

describe("in words", () => {
  test("says who paused or what happened", () => {
    expect(describePause(BY_ADA)).toBe("paused by ada: deploying");
    expect(describePause(FOREIGN)).toBe("held since a foreign update: 0xabc changed the price");
  });
});
