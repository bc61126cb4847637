import { describe, expect, test } from "bun:test";
import type { FleetDirective, HoldApproval, RuntimeOverride } from "@jeju-oracle/kit";
import { captureLog } from "@jeju-oracle/kit/testing";
import { APPROVAL, DIRECTIVE, OVERRIDE_PREFIX, RESTART_PREFIX } from "../../src/fleet/names.ts";
import { encodeIntent } from "../../src/intents/intent-records.ts";
import { Obedience, type Orders, ordersIn, restartOf } from "../../src/intents/obedience.ts";
import { FakeOracle } from "../agents/support/fakes.ts";
import { identityOf, recordOf } from "../fleet/support/listings.ts";

const ASKED = { id: "i-1", by: "ops", reason: "drill", timestamp: 1 };
const PAUSE: FleetDirective = { id: "p-1", kind: "pause", by: "ops", reason: "drill" };
const APPROVED: HoldApproval = {
  id: "a-1",
  by: "ops",
  reason: "drill",
  ethUsd8: 400_000_000_000n,
  elizaUsd8: 12_400_000n,
  lastUpdateS: 1_700_000_000n,
  untilChainTimeS: 1_700_000_300n,
};
const GAS: RuntimeOverride = {
  name: "max-gas-price-gwei",
  value: "250",
  untilChainTimeS: 1_800_000_000n,
  by: "ops",
  reason: "drill",
};

function make() {
  const oracle = new FakeOracle("a");
  const log = captureLog();
  let isThere = true;
  const obedience = new Obedience(() => (isThere ? oracle : undefined), log.logger);
  return { oracle, log, obedience, leave: () => (isThere = false), comeBack: () => (isThere = true) };
}

function ordersOf(orders: Partial<Orders>): Orders {
  return { directive: undefined, approval: undefined, overrides: [], ...orders };
}

const mapOf = (...records: readonly ReturnType<typeof recordOf>[]) =>
  new Map(records.map((record) => [record.name, record]));

describe("orders in a listing", () => {
  test("are the directive and the overrides that can be read", () => {
    const gas = { ...ASKED, name: GAS.name, value: "250", untilChainTimeS: GAS.untilChainTimeS };
    const orders = ordersIn(
      mapOf(
        recordOf(DIRECTIVE, encodeIntent({ ...ASKED, kind: "pause", untilChainTimeS: 1_900_000_000n }), 1),
        recordOf(`${OVERRIDE_PREFIX}${GAS.name}`, encodeIntent(gas), 1),
        recordOf(
          `${OVERRIDE_PREFIX}unknown`,
          encodeIntent({ ...gas, name: "unknown" as typeof GAS.name }),
          1,
        ),
        recordOf(`${OVERRIDE_PREFIX}broken`, "{", 1),
      ),
    );
    expect(orders.directive).toEqual({ ...PAUSE, id: "i-1", untilChainTimeS: 1_900_000_000n });
    expect(orders.overrides).toMatchObject([GAS]);
  });

  test("are none when the directive cannot be read or says something else", () => {
    for (const text of ["{", "[]", encodeIntent({ ...ASKED, kind: "dance" as "pause" })]) {
      expect(ordersIn(mapOf(recordOf(DIRECTIVE, text, 1))).directive).toBeUndefined();
    }
  });

  test("are the latest approval, when it can be read", () => {
    const text = encodeIntent({ ...APPROVED, timestamp: 1 });
    expect(ordersIn(mapOf(recordOf(APPROVAL, text, 1))).approval).toMatchObject(APPROVED);
    for (const wrong of ["{", text.replace("400000000000", "4.1"), text.replace('"lastUpdateS"', '"x"')]) {
      expect(ordersIn(mapOf(recordOf(APPROVAL, wrong, 1))).approval).toBeUndefined();
    }
  });

  test("a restart means one process of one bot", () => {
    const of = (botId: string, incarnation: string) =>
      restartOf(
        mapOf(recordOf(`${RESTART_PREFIX}${botId}`, encodeIntent({ ...ASKED, botId, incarnation }), 1)),
        identityOf("a", "a-2"),
      );
    expect(of("a", "a-2")).toMatchObject(ASKED);
    expect(of("a", "a-1")).toBeUndefined();
    expect(of("b", "a-2")).toBeUndefined();
  });
});

describe("obedience", () => {
  test("hands each directive on once, and each set of overrides", () => {
    const { oracle, obedience, log } = make();
    for (let time = 0; time < 3; time++) obedience.obey(ordersOf({ directive: PAUSE, overrides: [GAS] }));
    const resume = { ...PAUSE, id: "r-1", kind: "resume" } as const;
    for (let time = 0; time < 3; time++) obedience.obey(ordersOf({ directive: resume, overrides: [GAS] }));
    const less = { ...GAS, value: "200" };
    for (let time = 0; time < 3; time++) obedience.obey(ordersOf({ directive: resume, overrides: [less] }));
    for (let time = 0; time < 3; time++) obedience.obey(ordersOf({ directive: resume, overrides: [] }));
    expect(oracle.obeyed).toEqual([PAUSE, resume]);
    expect(oracle.applied).toEqual([[GAS], [less], []]);
    expect(log.lines).toHaveLength(5);
  });

  test("hands each approval on once, and again when another one was given", () => {
    const { oracle, obedience } = make();
    for (let time = 0; time < 3; time++) obedience.obey(ordersOf({ approval: APPROVED }));
    obedience.obey(ordersOf({}));
    const next = { ...APPROVED, id: "a-2" };
    for (let time = 0; time < 3; time++) obedience.obey(ordersOf({ approval: next }));
    expect(oracle.approved).toEqual([APPROVED, next]);
  });

  test("has nothing to say where nothing was ordered", () => {
    const { oracle, obedience, log } = make();
    obedience.obey(ordersOf({}));
    expect([oracle.obeyed, oracle.applied, log.lines]).toEqual([[], [], []]);
  });

  test("applies an override anew whose end moved, not one that was asked for again", () => {
    const { oracle, obedience } = make();
    obedience.obey(ordersOf({ overrides: [GAS] }));
    obedience.obey(ordersOf({ overrides: [{ ...GAS, by: "another", reason: "again" }] }));
    expect(oracle.applied).toHaveLength(1);
    obedience.obey(ordersOf({ overrides: [{ ...GAS, untilChainTimeS: GAS.untilChainTimeS + 1n }] }));
    expect(oracle.applied).toHaveLength(2);
  });

  test("waits for a price loop that has not started", () => {
    const { oracle, obedience, leave, comeBack } = make();
    leave();
    obedience.obey(ordersOf({ directive: PAUSE, overrides: [GAS] }));
    comeBack();
    obedience.obey(ordersOf({ directive: PAUSE, overrides: [GAS] }));
    expect([oracle.obeyed, oracle.applied]).toEqual([[PAUSE], [[GAS]]]);
  });

  test("tries again what could not be done, tells it once, and lets the other order through", () => {
    const { oracle, obedience, log } = make();
    oracle.fails.obey = new Error("disk full");
    for (let time = 0; time < 5; time++) obedience.obey(ordersOf({ directive: PAUSE, overrides: [GAS] }));
    expect(oracle.applied).toEqual([[GAS]]);
    expect(log.matching("could not be obeyed yet")).toHaveLength(1);
    oracle.fails.obey = new Error("disk gone");
    obedience.obey(ordersOf({ directive: PAUSE, overrides: [GAS] }));
    expect(log.matching("could not be obeyed yet")).toHaveLength(2);
    delete oracle.fails.obey;
    obedience.obey(ordersOf({ directive: PAUSE, overrides: [GAS] }));
    expect(oracle.obeyed).toEqual([PAUSE]);
  });
});
