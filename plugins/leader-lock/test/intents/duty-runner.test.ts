import { describe, expect, test } from "bun:test";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { Exchange } from "../../src/fleet/exchange.ts";
import { FAILOVER_INTENT, RESTART_PREFIX } from "../../src/fleet/names.ts";
import { DutyRunner } from "../../src/intents/duty-runner.ts";
import { encodeIntent } from "../../src/intents/intent-records.ts";
import { memberWith } from "../fleet/support/listings.ts";
import { MemoryStoreServer } from "../support/memory-store.ts";

function make() {
  const server = new MemoryStoreServer();
  const log = captureLog();
  const handedOver: string[] = [];
  let introductions = 0;
  let isListed = true;
  const exchange = new Exchange(server.client(), new SimulatedClock(), 1_000, {
    listed: () => undefined,
    finished: () => undefined,
  });
  const runner = new DutyRunner({
    exchange,
    logger: log.logger,
    view: () => ({
      botId: "a",
      term: 5,
      isListed,
      members: [memberWith("a"), memberWith("b", { fit: false, unfitReasons: ["ill"] })],
      silent: [],
      records: new Map(server.list("fleet/").map((record) => [record.name, record])),
    }),
    introduce: async () => {
      introductions++;
    },
    handOver: (to, why) => handedOver.push(`${to}: ${why}`),
  });
  const put = (name: string, value: string) => server.compareAndSet(name, server.peek(name), value);
  return {
    server,
    log,
    handedOver,
    runner,
    put,
    introduced: () => introductions,
    unlist: () => (isListed = false),
  };
}

const FAILOVER = { id: "i", by: "ops", reason: "drill", timestamp: 1, forTerm: 5 };

describe("the leader's duties", () => {
  test("are carried out: refusals written, void intents removed", async () => {
    const { server, runner, put, log } = make();
    put(FAILOVER_INTENT, encodeIntent({ ...FAILOVER, to: "b" }));
    put(`${RESTART_PREFIX}z`, "{");
    await runner.run();
    expect(server.peek(`${RESTART_PREFIX}z`)).toBeNull();
    expect(JSON.parse(server.peek(FAILOVER_INTENT)!.value)).toMatchObject({
      refused: "b is not fit to lead: ill",
    });
    expect(log.matching("A failover was refused")).toHaveLength(1);
  });

  test("are done one run at a time: what is due meanwhile is due again later", async () => {
    const { server, runner, put } = make();
    put(`${RESTART_PREFIX}z`, "{");
    await Promise.all([runner.run(), runner.run(), runner.run()]);
    expect(server.operations.casAndList).toBe(1);
  });

  test("that fail are told and due again", async () => {
    const { server, runner, put, log } = make();
    put(`${RESTART_PREFIX}z`, "{");
    server.faultOf = () => ({ drop: "request" });
    await runner.run();
    expect(log.matching("A duty of the leader could not be done yet")).toHaveLength(1);
    server.faultOf = () => undefined;
    await runner.run();
    expect(server.peek(`${RESTART_PREFIX}z`)).toBeNull();
  });

  test("that lose a race change nothing", async () => {
    const { server, runner, put } = make();
    put(FAILOVER_INTENT, encodeIntent({ ...FAILOVER, to: "b" }));
    const arrives = Promise.withResolvers<void>();
    server.faultOf = ({ next }) =>
      next?.includes("refused") ? { requestAfter: arrives.promise } : undefined;
    const run = runner.run();
    put(FAILOVER_INTENT, encodeIntent({ ...FAILOVER, id: "a newer one" }));
    arrives.resolve();
    await run;
    expect(JSON.parse(server.peek(FAILOVER_INTENT)!.value)).toEqual({ ...FAILOVER, id: "a newer one" });
  });

  test("include a record of the leader's own", async () => {
    const { runner, introduced, unlist } = make();
    await runner.run();
    expect(introduced()).toBe(0);
    unlist();
    await runner.run();
    expect(introduced()).toBe(1);
  });
});
