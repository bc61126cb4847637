import { describe, expect, test } from "bun:test";
import { FailureBook } from "../../src/updater/failure-book.ts";
import { TRANSACTION } from "../support/fixtures.ts";

/** The waits after each of `count` failures in a row. */
function waits(count: number, retryable: boolean, config = TRANSACTION): number[] {
  const book = new FailureBook(config);
  return Array.from({ length: count }, () => {
    book.recordFailure(1_000, retryable);
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
    for (let failure = 0; failure < 3; failure++) book.recordFailure(0, true);
    expect(book.consecutive).toBe(3);
    book.recordSuccess();
    expect([book.consecutive, book.backOffMs(0)]).toEqual([0, 0]);
    book.recordFailure(0, true);
    expect(book.backOffMs(0)).toBe(5_000);
  });

  test("the wait runs out by itself and is never negative", () => {
    const book = new FailureBook(TRANSACTION);
    book.recordFailure(1_000, true);
    expect([1_000, 3_500, 6_000, 60_000].map((nowMs) => book.backOffMs(nowMs))).toEqual([5_000, 2_500, 0, 0]);
  });

  test("survives any number of failures", () => {
    expect(waits(5_000, false).at(-1)).toBe(60_000);
  });
});
