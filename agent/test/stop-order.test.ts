import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPort, waitForPort } from "@jeju-oracle/kit";
import { pluginCatalogue } from "../src/plugin-catalogue.ts";
import { type Agent, startAgent } from "../src/start-agent.ts";
import { fakeCatalogue } from "./support/fake-plugins.ts";

const LEADER_LOCK = "@jeju-oracle/plugin-leader-lock";
const ELECTED_WITHIN_MS = 10_000;

test("the price loop stops, then the lead, then the chat, then what the fleet shares; each service once", () => {
  const stages = pluginCatalogue.flatMap(({ plugin, stops }) => {
    const types = (plugin.services ?? []).map(({ serviceType }) => serviceType as string);
    return stops.map(({ services, order }) => ({ order, services: services ?? types }));
  });
  const inOrder = stages.toSorted((a, b) => a.order - b.order).map(({ services }) => services.toSorted());
  expect(inOrder).toEqual([
    ["oracle-updater"],
    ["fleet", "leadership"],
    ["alerts", "chat"],
    ["coordination"],
  ]);
  const all = pluginCatalogue
    .flatMap(({ plugin }) => plugin.services ?? [])
    .map(({ serviceType }) => serviceType);
  expect(inOrder.flat().toSorted()).toEqual((all as string[]).toSorted());
});

test("the chat's last records reach the store, and nobody else answers before; the lead is free by then", async () => {
  await using opened = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), "stop-order-"));
  opened.defer(() => rmSync(directory, { recursive: true }));
  const seen: unknown[] = [];
  const leaderLock = pluginCatalogue.find(({ packageName }) => packageName === LEADER_LOCK);
  if (leaderLock === undefined) throw new Error("the catalogue has no leader-lock");
  const onStop = async () => {
    const runtime = agent.runtime();
    if (runtime === undefined) throw new Error("no runtime");
    const coordination = findPort(runtime, "coordination");
    const { won } = (await coordination?.records.cas("chat/offset", null, "42")) ?? { won: false };
    const lead = findPort(runtime, "leadership")?.guard(0);
    seen.push({ won, holds: coordination?.chatLease.holds(), lead: lead?.granted });
  };
  const agent: Agent = await startAgent({
    env: {
      BOT_ID: "bot-1",
      HEALTH_CHECK_PORT: "0",
      HEALTH_CHECK_HOST: "127.0.0.1",
      LOG_LEVEL: "error",
      TOKEN: "a token",
      LEADER_LOCK_FILE: join(directory, "leader.lock"),
    },
    loadCatalogue: async () => [
      leaderLock,
      ...fakeCatalogue({ alerts: { onStop } }).filter(({ packageName }) => packageName !== LEADER_LOCK),
    ],
  });
  opened.defer(async () => {
    await agent.stop("the test is over");
  });
  await agent.started;
  const runtime = agent.runtime();
  if (runtime === undefined) throw new Error("no runtime");
  const { clock } = agent.context;
  const { chatLease } = await waitForPort(runtime, clock, "coordination", ELECTED_WITHIN_MS);
  const leadership = await waitForPort(runtime, clock, "leadership", ELECTED_WITHIN_MS);
  chatLease.start();
  const deadlineMs = performance.now() + ELECTED_WITHIN_MS;
  while (!(chatLease.holds() && leadership.guard(0).granted)) {
    if (performance.now() > deadlineMs) throw new Error("it was not elected");
    await Bun.sleep(20);
  }
  const { failed } = await agent.stop("test");
  expect(failed).toEqual([]);
  expect(seen).toEqual([{ won: true, holds: true, lead: false }]);
  expect(chatLease.holds()).toBe(false);
});
