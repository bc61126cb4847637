import { describe, expect, test } from "bun:test";
import type { IAgentRuntime, RouteRequest, RouteResponse } from "@elizaos/core";
import {
  createAgentContext,
  type LeadershipStatus,
  type OracleSnapshot,
  provideAgentContext,
} from "@jeju-oracle/kit";
import { healthRoute } from "../src/health-route.ts";

const SNAPSHOT: OracleSnapshot = {
  botId: "bot-1",
  healthy: true,
  unhealthyReasons: [],
  troubles: [],
  lastUpdateMs: 1_700_000_000_000,
  consecutiveFailures: 0,
  totalUpdates: 0,
  chainEthUsd8: 310_000_000_000n,
  chainElizaUsd8: 12_400_000n,
  sourceEthUsd8: undefined,
  sourceElizaUsd8: undefined,
  priceAgeS: 40n,
  walletBalanceWei: 1n,
  gasPriceWei: 1n,
  spotTwapSpreadBps: undefined,
  pausedBy: undefined,
  directiveId: undefined,
  inFlightAgeMs: undefined,
  lastDecision: undefined,
  lastLookAgeMs: 12_900,
  tag: "0x01020304",
  lastPeerTag: undefined,
};

const FOLLOWER: LeadershipStatus = { role: "follower", term: 7, leaderId: "bot-2", validForMs: undefined };
const SEVEN = ["status", "botId", "healthy", "lastUpdate", "consecutiveFailures", "totalUpdates", "uptime"];

/** What GET /health answers when these services run. */
async function get(services: { snapshot?: OracleSnapshot; leadership?: LeadershipStatus }) {
  const ports: Record<string, unknown> = {
    ...(services.snapshot === undefined ? {} : { "oracle-updater": { snapshot: () => services.snapshot } }),
    ...(services.leadership === undefined
      ? {}
      : { leadership: { leadershipStatus: () => services.leadership } }),
  };
  const runtime = { getService: (name: string) => ports[name] ?? null } as unknown as IAgentRuntime;
  provideAgentContext(runtime, createAgentContext({ BOT_ID: "bot-1", LOG_FORMAT: "json" }));
  let status = 0;
  let body: Record<string, unknown> = {};
  const response = {
    status: (code: number) => {
      status = code;
      return response;
    },
    json: (value: Record<string, unknown>) => {
      body = value;
      return response;
    },
  } as unknown as RouteResponse;
  await healthRoute.handler?.({} as RouteRequest, response, runtime);
  return { status, body };
}

describe("GET /health", () => {
  test("a healthy follower is healthy, and says who leads in which term", async () => {
    const { status, body } = await get({ snapshot: SNAPSHOT, leadership: FOLLOWER });
    expect(status).toBe(200);
    expect(Object.keys(body).slice(0, SEVEN.length)).toEqual(SEVEN);
    expect(body).toMatchObject({
      status: "healthy",
      role: "follower",
      leader: "bot-2",
      term: 7,
      troubles: [],
      priceAgeS: 40,
      lastLookAgeS: 12,
    });
  });

  test("an unhealthy agent is 503, whatever its role, and tells its troubles by code", async () => {
    const snapshot: OracleSnapshot = {
      ...SNAPSHOT,
      healthy: false,
      unhealthyReasons: ["Base has been unreachable for over 60 s"],
      troubles: [{ code: "base-unreachable", text: "Base cannot be reached", shared: false, forMs: 61_000 }],
    };
    for (const role of ["leader", "follower", "standalone"] as const) {
      const { status, body } = await get({ snapshot, leadership: { ...FOLLOWER, role } });
      expect(status).toBe(503);
      expect(body).toMatchObject({ healthy: false, role, troubles: ["base-unreachable"] });
    }
  });

  test("without an election plugin the answer is the same but for the role", async () => {
    const { status, body } = await get({ snapshot: SNAPSHOT });
    expect(status).toBe(200);
    expect([body.role, body.leader, body.term]).toEqual([undefined, undefined, undefined]);
  });

  test("before the price loop runs it is 503 with the same seven fields", async () => {
    const { status, body } = await get({ leadership: FOLLOWER });
    expect(status).toBe(503);
    expect(Object.keys(body)).toEqual(SEVEN);
    expect(body).toMatchObject({ status: "starting", healthy: false });
  });
});
