import { describe, expect, test } from "bun:test";
import type { HoldApproval } from "@jeju-oracle/kit";
import { captureLog } from "@jeju-oracle/kit/testing";
import { ApprovalBook } from "../../src/updater/approval-book.ts";

const UPDATE_S = 1_700_000_000n;
const APPROVAL: HoldApproval = {
  id: "a-1",
  by: "ada",
  reason: "checked against two exchanges",
  ethUsd8: 345_000_000_000n,
  elizaUsd8: 8_420_000n,
  lastUpdateS: UPDATE_S,
  untilChainTimeS: UPDATE_S + 300n,
};

function make() {
  const log = captureLog();
  const book = new ApprovalBook(log.logger);
  book.take(APPROVAL);
  return { book, log };
}

describe("an approval of a held price", () => {
  test("counts for the update that the approver saw, and is told once", () => {
    const { book, log } = make();
    for (let look = 0n; look < 3n; look++)
      expect(book.current(UPDATE_S, UPDATE_S + 20n + look)).toBe(APPROVAL);
    expect(log.matching("Held price approved")).toHaveLength(1);
    expect(log.lines[0]).toContain("ada");
  });

  test("is used up for good once another update stands, also when an older block is read after that", () => {
    const { book } = make();
    expect(book.current(UPDATE_S + 12n, UPDATE_S + 20n)).toBeUndefined();
    expect(book.current(UPDATE_S, UPDATE_S + 20n)).toBeUndefined();
  });

  test("counts until its chain time and not a second longer; what is over stays over", () => {
    const { book } = make();
    expect(book.current(UPDATE_S, UPDATE_S + 300n)).toBe(APPROVAL);
    expect(book.current(UPDATE_S, UPDATE_S + 301n)).toBeUndefined();
    expect(book.current(UPDATE_S, UPDATE_S + 200n)).toBeUndefined();
  });

  test("waits for an agent whose endpoint is behind the approver's", () => {
    const { book } = make();
    expect(book.current(UPDATE_S - 60n, UPDATE_S + 20n)).toBeUndefined();
    expect(book.current(UPDATE_S, UPDATE_S + 21n)).toBe(APPROVAL);
  });

  test("replaces an earlier one", () => {
    const { book, log } = make();
    const next = { ...APPROVAL, id: "a-2", by: "bob" };
    expect(book.current(UPDATE_S, UPDATE_S + 20n)).toBe(APPROVAL);
    book.take(next);
    expect(book.current(UPDATE_S, UPDATE_S + 20n)).toBe(next);
    expect(log.matching("Held price approved")).toHaveLength(2);
  });

  test("says nothing where it never counted: an old one stands in the store at every start", () => {
    const { book, log } = make();
    book.current(UPDATE_S + 3_600n, UPDATE_S + 3_605n);
    expect(log.lines).toEqual([]);
  });
});
