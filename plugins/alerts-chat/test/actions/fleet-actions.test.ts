import { describe, expect, test } from "bun:test";
import type { ControlAction } from "../../src/actions/control-action.ts";
import { failover } from "../../src/actions/failover.ts";
import { forceLeader } from "../../src/actions/force-leader.ts";
import { pause, resume } from "../../src/actions/pause.ts";
import { restart } from "../../src/actions/restart.ts";
import { setOverride } from "../../src/actions/set-override.ts";
import { FakeSystem } from "../support/fake-view.ts";

const ANA = { by: "ana", reason: "drill", proposalId: "p" };
const asked = { by: "ana", reason: "drill" };

/** Plans in the present state, executes, lets `change` happen, and tells what is observed before and after it. */
async function course<Params>(
  system: FakeSystem,
  action: ControlAction<Params>,
  args: readonly string[],
  change: () => void,
) {
  const params = action.params.parse(action.parse(args));
  const view = system.view();
  const plan = await action.plan(view, params);
  await action.execute(view, params, { ...ANA, baseline: plan.baseline });
  const before = await action.verify(view, params, plan);
  change();
  return { plan, before, after: await action.verify(view, params, plan) };
}

describe("failover", () => {
  test("is verified when another member leads in a later term, not when the request was written", async () => {
    const system = new FakeSystem();
    const { plan, before, after } = await course(system, failover, [], () => system.lead("bot-2", 7));
    expect(plan.preconditions).toEqual({ leader: "bot-1", term: "6" });
    expect(system.asked).toEqual([["failover", { to: undefined, ...asked }]]);
    expect(before.kind).toBe("pending");
    expect(after).toEqual({ kind: "verified", observed: "bot-2 leads in term 7" });
  });

  test("to a named member has failed when somebody else leads, and waits while nobody does", async () => {
    const system = new FakeSystem();
    const other = await course(system, failover, ["bot-2"], () => system.lead("bot-3", 7));
    expect(other.after.kind).toBe("failed");
    const nobody = await course(new FakeSystem(), failover, ["bot-2"], () => undefined);
    expect(nobody.after.kind).toBe("pending");
  });

  test("to nobody known names the members", async () => {
    const view = new FakeSystem().view();
    expect(await failover.plan(view, { to: "bot-9" }).catch((error: unknown) => error)).toMatchObject({
      code: "unknown-member",
      nextStep: "Members are bot-1, bot-2.",
    });
  });
});

describe("force_leader", () => {
  test("is verified when the named one leads in a later term, and warns of one that is not fit", async () => {
    const system = new FakeSystem();
    system.change("bot-2", { fit: false, unfitReasons: ["Base does not answer"] });
    const { plan, before, after } = await course(system, forceLeader, ["bot-2"], () =>
      system.lead("bot-2", 7),
    );
    expect(plan.summary.join("\n")).toContain("bot-2 is not fit: Base does not answer");
    expect([before.kind, after.kind]).toEqual(["pending", "verified"]);
    expect(system.asked).toEqual([["forceLeader", { to: "bot-2", ...asked }]]);
  });
});

describe("pause", () => {
  test("lasts by chain time, and is verified when every living member obeys with nothing in flight", async () => {
    const system = new FakeSystem();
    system.change("bot-1", { inFlight: true });
    const { before, after } = await course(system, pause, ["30m"], () => system.obey("d1"));
    expect(system.asked).toEqual([["pause", { ...asked, untilChainTimeS: 1_700_000_012n + 1_800n }]]);
    expect(before).toEqual({ kind: "pending", observed: "no agent has obeyed yet" });
    expect(after).toEqual({ kind: "pending", observed: "in flight at bot-1" });
    const params = pause.params.parse(pause.parse(["30m"]));
    system.change("bot-1", { inFlight: false });
    const baseline = { summary: [], preconditions: {}, baseline: { directives: "none" } };
    expect((await pause.verify(system.view(), params, baseline)).kind).toBe("verified");
  });

  test("waits for the member that has not obeyed, but not for one that is gone", async () => {
    const system = new FakeSystem();
    const { after } = await course(system, pause, [], () => system.change("bot-1", { directiveId: "d1" }));
    expect(after).toEqual({ kind: "pending", observed: "waiting for bot-2" });
    const second = new FakeSystem();
    second.change("bot-2", { alive: false });
    const alone = await course(second, pause, [], () => second.change("bot-1", { directiveId: "d1" }));
    expect(alone.after.kind).toBe("verified");
  });

  test("an older directive that all obey is no proof of this one", async () => {
    const system = new FakeSystem();
    system.obey("yesterday");
    expect((await course(system, pause, [], () => undefined)).after.kind).toBe("pending");
  });
});

test("resume shows what holds each member, and is verified when all obey", async () => {
  const system = new FakeSystem();
  system.obey("d1", { pausedBy: "paused by ana" });
  const { plan, before, after } = await course(system, resume, [], () => system.obey("d2"));
  expect(plan.summary).toContain("bot-2: paused by ana");
  expect([before.kind, after.kind]).toEqual(["pending", "verified"]);
});

test("restart is verified by a new process of that name, and says when it is the leader's", async () => {
  const system = new FakeSystem();
  const { plan, before, after } = await course(system, restart, ["bot-1"], () =>
    system.change("bot-1", { incarnation: "bot-1-second" }),
  );
  expect(plan.summary[1]).toBe("bot-1 leads: it hands over first.");
  expect([before.kind, after.kind]).toEqual(["pending", "verified"]);
});

describe("set", () => {
  const name = "fleet/intent/override/max-gas-price-gwei";

  test("takes two hours unless told, ends by chain time, and is verified in the store", async () => {
    const system = new FakeSystem();
    const { before, after } = await course(system, setOverride, ["max_gas_price_gwei", "200"], () =>
      system.values.set(name, JSON.stringify({ value: "200", nonce: "new" })),
    );
    expect(system.asked).toEqual([
      ["set", { name: "max-gas-price-gwei", value: "200", untilChainTimeS: 1_700_007_212n, ...asked }],
    ]);
    expect([before.kind, after.kind]).toEqual(["pending", "verified"]);
  });

  test("the same value from an earlier override is no proof", async () => {
    const system = new FakeSystem();
    system.values.set(name, JSON.stringify({ value: "200", nonce: "old" }));
    const { after } = await course(system, setOverride, ["max-gas-price-gwei", "200"], () => undefined);
    expect(after.kind).toBe("pending");
  });

  test("shows of an endpoint only its host, and refuses what is none", async () => {
    const system = new FakeSystem();
    const params = setOverride.params.parse(
      setOverride.parse(["extra-jeju-rpc", "https://rpc.example.com/v1/secret-key", "30m"]),
    );
    const { summary } = await setOverride.plan(system.view(), params);
    expect(summary.join(" ")).toContain("rpc.example.com");
    expect(summary.join(" ")).not.toContain("secret-key");
    expect(() => setOverride.parse(["extra-jeju-rpc", "rpc.example.com"])).toThrow("no value");
    expect(() => setOverride.parse(["max-gas-price-gwei", "200", "25h"])).toThrow("at most 24h");
  });
});

test("without a fleet every action on it says what to set", async () => {
  const system = new FakeSystem();
  system.hasFleet = false;
  const attempts = [
    failover.plan(system.view(), {}),
    forceLeader.plan(system.view(), { to: "bot-2" }),
    pause.plan(system.view(), {}),
    resume.plan(system.view(), {}),
    restart.plan(system.view(), { bot: "bot-2" }),
    setOverride.plan(system.view(), { name: "max-gas-price-gwei", value: "200", forS: 60 }),
  ];
  for (const attempt of attempts) {
    expect(await attempt.catch((error: unknown) => error)).toMatchObject({ code: "no-fleet" });
  }
});
