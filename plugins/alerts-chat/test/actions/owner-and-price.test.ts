import { describe, expect, test } from "bun:test";
import { BaseError } from "@jeju-oracle/kit";
import { approvePrice } from "../../src/actions/approve-price.ts";
import { emergencyPrice } from "../../src/actions/emergency-price.ts";
import { pausePaymaster, unpauseOracle, unpausePaymaster } from "../../src/actions/owner-actions.ts";
import { ELIZA8, ETH8, FakeSystem, snapshotWith } from "../support/fake-view.ts";

const ANA = { by: "ana", reason: "drill", proposalId: "p", baseline: {} };
const PRICES = { ethUsd8: "300000000000", elizaUsd8: "8000000" };
const codeOf = (work: Promise<unknown>) => work.catch((error: BaseError) => error.code);

function pausedSystem(): FakeSystem {
  const system = new FakeSystem();
  system.obey("d1", { pausedBy: "paused by ana" });
  return system;
}

describe("emergency_price", () => {
  test("shows both moves and the live sources, sends once, and is verified on chain", async () => {
    const system = pausedSystem();
    const view = system.view();
    const plan = await emergencyPrice.plan(view, PRICES);
    expect(plan.summary.slice(0, 3)).toEqual([
      "ETH $3,245.67 -> $3,000.00",
      "elizaOS $0.0842 -> $0.08",
      "Chainlink on Base: ETH $3,245.67 (yours -7.56 %), 12 s old",
    ]);
    expect(plan.handOut).toBeUndefined();
    await emergencyPrice.execute(view, PRICES, ANA);
    expect(system.sent.map(({ description }) => description)).toEqual([
      "emergencyPriceUpdate(300000000000, 8000000)",
    ]);
    expect((await emergencyPrice.verify(view, PRICES, plan)).kind).toBe("pending");
    system.chain = {
      ...system.chain,
      ethUsd8: 300_000_000_000n,
      elizaUsd8: 8_000_000n,
      lastUpdateS: 1_700_000_020n,
    };
    expect((await emergencyPrice.verify(view, PRICES, plan)).kind).toBe("verified");
    system.chain = { ...system.chain, elizaUsd8: 8_000_001n };
    expect((await emergencyPrice.verify(view, PRICES, plan)).kind).toBe("failed");
  });

  test("without the owner's key is handed out, and nothing is sent", async () => {
    const system = pausedSystem();
    system.hasKey = false;
    const plan = await emergencyPrice.plan(system.view(), PRICES);
    expect(plan.handOut).toEqual({ calldata: "0x", castCommand: "cast send", safeJson: "{}" });
    await emergencyPrice.execute(system.view(), PRICES, ANA);
    expect(system.sent).toEqual([]);
  });

  test("is refused while an agent would push or has something in flight, and works with none alive", async () => {
    const running = new FakeSystem();
    expect(await codeOf(emergencyPrice.plan(running.view(), PRICES))).toBe("fleet-not-paused");
    expect(await codeOf(emergencyPrice.execute(running.view(), PRICES, ANA))).toBe("fleet-not-paused");
    const flying = pausedSystem();
    flying.change("bot-2", { inFlight: true });
    expect(await codeOf(emergencyPrice.plan(flying.view(), PRICES))).toBe("in-flight");
    expect([running.sent, flying.sent]).toEqual([[], []]);
    const down = new FakeSystem();
    down.members = down.members.map((member) => ({ ...member, alive: false }));
    expect(await codeOf(emergencyPrice.plan(down.view(), PRICES))).toMatchObject({ baseline: {} });
  });

  test("refuses a slip of the point before anything is asked of the contract", async () => {
    const system = pausedSystem();
    system.refusal = new Error("must not be reached");
    const slipped = { ...PRICES, elizaUsd8: (ELIZA8 * 10n).toString() };
    expect(await codeOf(emergencyPrice.plan(system.view(), slipped))).toBe("scaled-by-mistake");
  });

  test("an update in between changes what the confirmation rests on", async () => {
    const system = pausedSystem();
    const before = await emergencyPrice.plan(system.view(), PRICES);
    system.chain = { ...system.chain, lastUpdateS: 1_700_000_020n };
    const after = await emergencyPrice.plan(system.view(), PRICES);
    expect(after.preconditions).not.toEqual(before.preconditions);
  });
});

describe("the switches of the contracts", () => {
  test("pause_paymaster is sent once and verified on chain", async () => {
    const system = new FakeSystem();
    const plan = await pausePaymaster.plan(system.view(), {});
    await pausePaymaster.execute(system.view(), {}, ANA);
    expect(system.sent.map(({ description }) => description)).toEqual(["pause paymaster"]);
    expect((await pausePaymaster.verify(system.view(), {}, plan)).kind).toBe("pending");
    system.paymasterPaused = true;
    expect((await pausePaymaster.verify(system.view(), {}, plan)).kind).toBe("verified");
  });

  test("what is so already, or cannot be, is refused", async () => {
    const system = new FakeSystem();
    expect(await codeOf(unpausePaymaster.plan(system.view(), {}))).toBe("nothing-to-do");
    expect(await codeOf(unpauseOracle.plan(system.view(), {}))).toBe("not-pausable");
    system.chain = { ...system.chain, paused: true };
    expect((await unpauseOracle.plan(system.view(), {})).preconditions).toEqual({ paused: "true" });
  });

  test("a refusal of the contract is the answer to the proposal", async () => {
    const system = new FakeSystem();
    system.refusal = new BaseError("no", { code: "owner-call-refused", retryable: false, nextStep: "." });
    expect(await codeOf(pausePaymaster.plan(system.view(), {}))).toBe("owner-call-refused");
  });
});

describe("approve_price", () => {
  const held = snapshotWith({
    lastDecision: { kind: "skip", reason: "held", detail: "", wouldPush: undefined, atWallMs: 0 },
    sourceEthUsd8: 400_000_000_000n,
  });

  test("asks the fleet for exactly the prices that stand at the sources, and is verified by the next update", async () => {
    const system = new FakeSystem();
    system.snapshot = held;
    const plan = await approvePrice.plan(system.view(), {});
    expect(plan.summary[0]).toBe("ETH $3,245.67 -> $4,000.00");
    await approvePrice.execute(system.view(), {}, { ...ANA, baseline: plan.baseline });
    expect(system.asked).toEqual([
      [
        "approve",
        {
          by: "ana",
          reason: "drill",
          ethUsd8: 400_000_000_000n,
          elizaUsd8: ELIZA8,
          lastUpdateS: 1_700_000_000n,
          untilChainTimeS: system.chain.blockTimestampS + 300n,
        },
      ],
    ]);
    expect((await approvePrice.verify(system.view(), {}, plan)).kind).toBe("pending");
    system.snapshot = snapshotWith({ lastUpdateMs: 1_700_000_020_000 });
    expect((await approvePrice.verify(system.view(), {}, plan)).kind).toBe("verified");
  });

  test("approves the prices and the update of the card, also when either moved before the press", async () => {
    const system = new FakeSystem();
    system.snapshot = held;
    const { baseline } = await approvePrice.plan(system.view(), {});
    system.snapshot = { ...held, sourceEthUsd8: 480_000_000_000n, lastUpdateMs: 1_700_000_020_000 };
    await approvePrice.execute(system.view(), {}, { ...ANA, baseline });
    expect(system.asked).toMatchObject([
      ["approve", { ethUsd8: 400_000_000_000n, lastUpdateS: 1_700_000_000n }],
    ]);
  });

  test("can be asked for on a follower: it holds what the leader holds", async () => {
    const system = new FakeSystem();
    system.snapshot = held;
    system.lead("bot-2", 7);
    const { preconditions } = await approvePrice.plan(system.view(), {});
    expect(preconditions).toEqual({ held: "yes", "last update": "1700000000000" });
  });

  test("is refused when nothing is held, and without a fleet", async () => {
    const system = new FakeSystem();
    expect(await codeOf(approvePrice.plan(system.view(), {}))).toBe("nothing-held");
    system.snapshot = held;
    system.hasFleet = false;
    expect(await codeOf(approvePrice.plan(system.view(), {}))).toBe("no-fleet");
    expect(ETH8).toBe(held.chainEthUsd8 ?? 0n);
  });
});
