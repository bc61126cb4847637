import { describe, expect, test } from "bun:test";
import { registerSecret } from "@jeju-oracle/kit";
import { ownReport } from "../../src/fleet/own-report.ts";
import { FakeOracle, trouble } from "../agents/support/fakes.ts";

const FACTS = { version: "1.0.0", configHash: "abc", priority: 7, nofailover: true };

describe("what an agent tells about itself", () => {
  test("is what its price loop knows", () => {
    const { state } = new FakeOracle("a");
    const report = ownReport(
      FACTS,
      {
        ...state,
        directiveId: "d-1",
        pausedBy: "ops: drill",
        inFlightAgeMs: 3,
        lastDecision: { kind: "push", reason: "heartbeat", detail: "", wouldPush: "heartbeat", atWallMs: 1 },
      },
      true,
    );
    expect(report).toEqual({
      ...FACTS,
      healthy: true,
      unhealthyReasons: [],
      fit: true,
      unfitReasons: [],
      lastUpdateMs: state.lastUpdateMs,
      chainEthUsd8: state.chainEthUsd8,
      chainElizaUsd8: state.chainElizaUsd8,
      sourceEthUsd8: state.sourceEthUsd8,
      sourceElizaUsd8: state.sourceElizaUsd8,
      decision: "push heartbeat",
      wouldPush: "heartbeat",
      directiveId: "d-1",
      pausedBy: "ops: drill",
      inFlight: true,
      tag: "tag-of-a",
      chatReachable: true,
    });
  });

  test("is unfit for trouble of its own alone: what all share makes nobody better than another", () => {
    const { state } = new FakeOracle("a");
    const shared = trouble({ code: "wallet-empty", text: "the wallet is empty", shared: true });
    expect(ownReport(FACTS, { ...state, troubles: [shared] }, undefined)).toMatchObject({
      fit: true,
      unfitReasons: [],
    });
    expect(ownReport(FACTS, { ...state, troubles: [shared, trouble()] }, undefined)).toMatchObject({
      fit: false,
      unfitReasons: ["Jeju cannot be reached"],
    });
  });

  test("holds no secret, and no text without end: other hosts show it", () => {
    const { state } = new FakeOracle("a");
    registerSecret("key-of-the-provider");
    const text = `https://rpc.example.com/key-of-the-provider refused ${"x".repeat(1_000)}`;
    const report = ownReport(
      FACTS,
      { ...state, unhealthyReasons: [text], pausedBy: text, troubles: [trouble({ text })] },
      undefined,
    );
    for (const told of [...report.unhealthyReasons, ...report.unfitReasons, report.pausedBy!]) {
      expect(told).toStartWith("https://rpc.example.com/[redacted] refused xxx");
      expect(told).toHaveLength(300);
    }
  });

  test("is neither healthy nor fit while the price loop starts", () => {
    expect(ownReport(FACTS, undefined, undefined)).toMatchObject({
      ...FACTS,
      healthy: false,
      fit: false,
      unfitReasons: ["starting"],
      tag: undefined,
    });
  });
});
