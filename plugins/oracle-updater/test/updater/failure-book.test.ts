import { describe, expect, test } from "bun:test";
import { FailureBook } from "../../src/updater/failure-book.ts";
import { TRANSACTION } from "../support/fixtures.ts";

const failure = (code = "not-mined", retryable = true) => ({ code, message: `${code}!`, retryable });

/** The waits after each of `count` failures in a row. */
function waits(count: number, retryable: boolean, config = TRANSACTION): number[] {
  const book = new FailureBook(config);
  return Array.from({ length: count }, () => {
    book.recordFailure(1_000, failure("not-mined", retryable));
    return book.backOffMs(1_000);
  });
}

describe("failure book", () => {
  test("waits steadily for the configured retries, then twice as long each time, up to a minute", () => {
    expect(waits(8, true)).toEqual([5_000, 5_000, 5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  test("doubles at once where retrying cannot help", () => {
    expect(waits(5, false)).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  test("never waits less than the configured delay, even one above a minute", () => {
    expect(waits(4, true, { ...TRANSACTION, retryDelayMs: 300_000 })).toEqual([
      300_000, 300_000, 300_000, 300_000,
    ]);
  });

  test("without retries doubles from the first failure on", () => {
    expect(waits(3, true, { ...TRANSACTION, maxRetries: 0 })).toEqual([10_000, 20_000, 40_000]);
  });

  test("counts failures in a row, and a success ends the row and the wait", () => {
    const book = new FailureBook(TRANSACTION);
    expect([book.consecutive, book.backOffMs(0)]).toEqual([0, 0]);
    for (let count = 0; count < 3; count++) book.recordFailure(0, failure());
    expect(book.consecutive).toBe(3);
    book.recordSuccess();
    expect([book.consecutive, book.backOffMs(0)]).toEqual([0, 0]);
    book.recordFailure(0, failure());
    expect(book.backOffMs(0)).toBe(5_000);
  });

  test("the wait runs out by itself and is never negative", () => {
    const book = new FailureBook(TRANSACTION);
    book.recordFailure(1_000, failure());
    expect([1_000, 3_500, 6_000, 60_000].map((nowMs) => book.backOffMs(nowMs))).toEqual([5_000, 2_500, 0, 0]);
  });

  test("remembers the newest failure of the run, and when each cause came first in it", () => {
    const book = new FailureBook(TRANSACTION);
    const any = () => true;
    expect([book.last, book.firstAtMs(any)]).toEqual([undefined, undefined]);
    book.recordFailure(1_000, failure("not-mined"));
    book.recordFailure(2_000, failure("wallet-empty", false));
    book.recordFailure(3_000, failure("not-mined"));
    expect(book.last).toEqual(failure("not-mined"));
    expect(book.firstAtMs(any)).toBe(1_000);
    expect(book.firstAtMs((code) => code === "wallet-empty")).toBe(2_000);
    expect(book.firstAtMs((code) => code === "reverted")).toBeUndefined();
    book.recordSuccess();
    expect([book.last, book.firstAtMs(any)]).toEqual([undefined, undefined]);
  });

  test("a new leadership may try at once, but the failures still count", () => {
    const book = new FailureBook(TRANSACTION);
    for (let count = 0; count < 6; count++) book.recordFailure(1_000, failure());
    book.endBackOff();
    expect([book.backOffMs(1_000), book.consecutive]).toEqual([0, 6]);
    book.recordFailure(2_000, failure());
    expect(book.backOffMs(2_000)).toBe(60_000);
  });

  test("survives any number of failures", () => {
    expect(waits(5_000, false).at(-1)).toBe(60_000);
  });
});
