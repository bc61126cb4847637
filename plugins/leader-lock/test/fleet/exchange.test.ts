import { describe, expect, test } from "bun:test";
import { StoreUnavailableError, StoreUnusableError } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { Exchange } from "../../src/fleet/exchange.ts";
import { MemoryStoreServer } from "../support/memory-store.ts";

const OP_TIMEOUT_MS = 3_000;
const NAME = "fleet/member/a";

function make() {
  const clock = new SimulatedClock();
  const server = new MemoryStoreServer();
  const store = server.client();
  const listings: string[][] = [];
  const finished: string[] = [];
  const exchange = new Exchange(store, clock, OP_TIMEOUT_MS, {
    listed: (records) => listings.push(records.map(({ value }) => value)),
    finished: (operation, durationMs, error) =>
      finished.push(`${operation} ${durationMs} ${error instanceof Error ? error.name : "done"}`),
  });
  return { clock, server, store, exchange, listings, finished };
}

describe("a request", () => {
  test("brings every record of the fleet, a look as well as a write, won or lost", async () => {
    const { exchange, listings, server } = make();
    expect(await exchange.write(NAME, null, "1")).toMatchObject({ won: true });
    server.compareAndSet("history/1", null, "not of the fleet");
    expect(await exchange.write(NAME, null, "2")).toMatchObject({ won: false });
    expect(await exchange.look()).toHaveLength(1);
    expect(listings).toEqual([["1"], ["1"], ["1"]]);
  });

  test("that is not answered ends at its deadline, and its outcome is unknown", async () => {
    const { clock, exchange, server, finished, listings } = make();
    server.faultOf = () => ({ replyAfter: new Promise(() => undefined) });
    const outcome = exchange.write(NAME, null, "1").catch((error: unknown) => error);
    await clock.advance(OP_TIMEOUT_MS - 1);
    expect(finished).toEqual([]);
    await clock.advance(1);
    expect(await outcome).toBeInstanceOf(StoreUnavailableError);
    expect(finished).toEqual([`write ${OP_TIMEOUT_MS} StoreUnavailableError`]);
    expect(server.peek(NAME)?.value).toBe("1");
    expect(listings).toEqual([]);
  });

  test("fails as the store says, and as unknown for whatever else went wrong", async () => {
    const { exchange, store } = make();
    const failed = async (error: Error) => {
      store.list = () => Promise.reject(error);
      return exchange.look().catch((reason: unknown) => reason);
    };
    const unusable = new StoreUnusableError("no right", { nextStep: "Grant it." });
    expect(await failed(unusable)).toBe(unusable);
    const defect = await failed(new TypeError("undefined is not a function"));
    expect(defect).toBeInstanceOf(StoreUnavailableError);
    expect((defect as StoreUnavailableError).message).toContain("undefined is not a function");
  });

  test("never shows an older listing after a newer one", async () => {
    const { clock, exchange, server, listings } = make();
    const slow = Promise.withResolvers<void>();
    let isFirst = true;
    server.faultOf = () => {
      if (!isFirst) return undefined;
      isFirst = false;
      return { replyAfter: slow.promise };
    };
    const older = exchange.look();
    await clock.advance(0);
    await exchange.write(NAME, null, "newer");
    slow.resolve();
    expect(await older).toEqual([]);
    expect(listings).toEqual([["newer"]]);
  });
});

describe("reachability", () => {
  test("an outage counts from the last answer, or from the start when there was none", async () => {
    const { clock, exchange, server } = make();
    server.faultOf = () => ({ drop: "request" });
    await clock.advance(7_000);
    await exchange.look().catch(() => undefined);
    expect(exchange.outageMs()).toBe(7_000);
    expect(exchange.isReachable(1e9)).toBe(false);
    server.faultOf = () => undefined;
    await exchange.look();
    expect(exchange.outageMs()).toBe(0);
    server.faultOf = () => ({ drop: "request" });
    await clock.advance(500);
    await exchange.look().catch(() => undefined);
    expect(exchange.outageMs()).toBe(500);
    expect(exchange.isReachable(501)).toBe(true);
    expect(exchange.isReachable(500)).toBe(false);
  });

  test("silence of this process itself is no outage", async () => {
    const { clock, exchange } = make();
    await clock.advance(1e6);
    expect(exchange.outageMs()).toBe(0);
    await exchange.look();
    await clock.advance(1e6);
    expect(exchange.outageMs()).toBe(0);
  });
});

describe("looks on hints", () => {
  test("are one at a time, with one more for all hints that came meanwhile, and spaced", async () => {
    const { clock, exchange, server } = make();
    for (let hint = 0; hint < 50; hint++) exchange.lookSoon();
    await clock.advance(0);
    expect(server.operations.list).toBe(1);
    exchange.lookSoon();
    await clock.advance(1_000);
    expect(server.operations.list).toBe(2);
    for (let ms = 0; ms < 1_000; ms++) {
      exchange.lookSoon();
      await clock.advance(1);
    }
    expect(server.operations.list).toBeLessThanOrEqual(2 + 11);
  });

  test("go on after one that failed", async () => {
    const { clock, exchange, server, finished } = make();
    server.faultOf = () => ({ drop: "request" });
    exchange.lookSoon();
    await clock.advance(1_000);
    server.faultOf = () => undefined;
    exchange.lookSoon();
    await clock.advance(1_000);
    expect(finished).toEqual(["look 0 StoreUnavailableError", "look 0 done"]);
  });
});

test("a write is told apart from what others wrote until some time after its outcome", async () => {
  const { clock, exchange, server } = make();
  expect(exchange.sinceWriteMs()).toBe(Number.POSITIVE_INFINITY);
  const reply = Promise.withResolvers<void>();
  server.faultOf = () => ({ replyAfter: reply.promise });
  const written = exchange.write(NAME, null, "1");
  expect(exchange.sinceWriteMs()).toBe(0);
  await clock.advance(400);
  reply.resolve();
  await written;
  expect(exchange.sinceWriteMs()).toBe(0);
  await clock.advance(300);
  expect(exchange.sinceWriteMs()).toBe(300);
});
