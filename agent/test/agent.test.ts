import { afterEach, describe, expect, test } from "bun:test";
import type { Route } from "@elizaos/core";
import { ConfigError } from "@jeju-oracle/kit";
import { ServiceStartError } from "../src/runtime.ts";
import { type Agent, startAgent } from "../src/start-agent.ts";
import { type FakeFleet, fakeCatalogue } from "./support/fake-plugins.ts";

const ENV = { BOT_ID: "bot-1", HEALTH_CHECK_PORT: "0", HEALTH_CHECK_HOST: "127.0.0.1", LOG_LEVEL: "error" };

const running: Agent[] = [];
afterEach(async () => {
  for (const agent of running.splice(0)) await agent.stop("the test is over");
});

async function start(fleet: FakeFleet = {}, env: Readonly<Record<string, string>> = {}): Promise<Agent> {
  const agent = await startAgent({
    env: { ...ENV, ...env },
    loadCatalogue: async () => fakeCatalogue(fleet),
  });
  running.push(agent);
  return agent;
}

function page(agent: Agent, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${agent.http.port}${path}`);
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const noReport = { problems: [], notes: [], unreachable: [] };

describe("while an agent starts", () => {
  test("/health has the runbook's fields and says starting with 503; /livez answers 200, /readyz 503", async () => {
    const gate = Promise.withResolvers<void>();
    const agent = await start({
      checkNetwork: async () => {
        await gate.promise;
        return noReport;
      },
    });
    const health = await page(agent, "/health");
    expect(health.status).toBe(503);
    expect(await health.json()).toEqual({
      status: "starting",
      botId: "bot-1",
      healthy: false,
      lastUpdate: 0,
      consecutiveFailures: 0,
      totalUpdates: 0,
      uptime: expect.any(Number),
    });
    expect((await page(agent, "/livez")).status).toBe(200);
    expect((await page(agent, "/readyz")).status).toBe(503);
    gate.resolve();
    await agent.started;
    expect((await page(agent, "/readyz")).status).toBe(200);
  });

  test("/metrics answers in the registry's own content type", async () => {
    const agent = await start();
    const metrics = await page(agent, "/metrics");
    expect(metrics.headers.get("content-type")).toBe(agent.context.metrics.contentType);
    expect(await metrics.text()).toContain('oracle_uptime_seconds{bot_id="bot-1"}');
    await agent.started;
  });

  test("a stop ends the start: the check is cut off and no service is started", async () => {
    let starts = 0;
    const agent = await start({
      checkNetwork: () => new Promise(() => undefined),
      updater: {
        onStart: async () => {
          starts++;
        },
      },
    });
    const { failed } = await agent.stop("changed my mind");
    await agent.started;
    expect(failed).toEqual([]);
    expect(starts).toBe(0);
    expect(agent.runtime()).toBeUndefined();
  });
});

describe("a started agent", () => {
  test("serves the updater's health as /health: 200 when healthy, 503 when not, and stays ready", async () => {
    let healthy = true;
    const route: Route = {
      type: "GET",
      path: "/health",
      handler: async (_request, response) => {
        response.status(healthy ? 200 : 503).json({ status: healthy ? "healthy" : "unhealthy", healthy });
      },
    };
    const agent = await start({ updater: { routes: [route] } });
    await agent.started;
    for (const path of ["/health", "/oracle-updater/health"])
      expect((await page(agent, path)).status).toBe(200);
    healthy = false;
    const unhealthy = await page(agent, "/health");
    expect(unhealthy.status).toBe(503);
    expect(await unhealthy.json()).toEqual({ status: "unhealthy", healthy: false });
    expect((await page(agent, "/livez")).status).toBe(200);
    expect((await page(agent, "/readyz")).status).toBe(200);
  });

  test("keeps no secret of the environment in settings, character or database", async () => {
    process.env.PRICE_UPDATER_PRIVATE_KEY_OF_TEST = "env-secret-of-this-test";
    try {
      const agent = await start({}, { TOKEN: "token-secret-of-this-test" });
      await agent.started;
      const runtime = agent.runtime();
      expect(runtime?.getSetting("TOKEN")).toBeNull();
      expect(runtime?.getSetting("PRICE_UPDATER_PRIVATE_KEY_OF_TEST")).toBeNull();
      const kept = JSON.stringify([runtime?.character, await runtime?.getAgents()]);
      expect(kept).not.toContain("secret-of-this-test");
    } finally {
      delete process.env.PRICE_UPDATER_PRIVATE_KEY_OF_TEST;
    }
  });

  test("stops the updater before leadership before alerts, and closes its port last", async () => {
    const order: string[] = [];
    const note = (name: string) => ({
      onStop: async () => {
        order.push(name);
        expect((await page(agent, "/livez")).status).toBe(200);
        expect((await page(agent, "/readyz")).status).toBe(503);
      },
    });
    const agent = await start({ leadership: note("lead"), updater: note("updater"), alerts: note("alerts") });
    await agent.started;
    const { completed, failed } = await agent.stop("test");
    expect(failed).toEqual([]);
    expect(order).toEqual(["updater", "lead", "alerts"]);
    expect(completed.slice(-2)).toEqual(["http", "guards"]);
    expect(await failure(page(agent, "/livez"))).toBeDefined();
  });

  test("stops everything else when one service throws on stop", async () => {
    const stopped: string[] = [];
    const agent = await start({
      updater: { onStop: () => Promise.reject(new Error("cannot stop")) },
      leadership: {
        onStop: async () => {
          stopped.push("lead");
        },
      },
    });
    await agent.started;
    const { failed } = await agent.stop("test");
    expect(failed).toEqual(["oracle-updater"]);
    expect(stopped).toEqual(["lead"]);
  });
});

describe("an agent that cannot start", () => {
  test("fails with ServiceStartError when an essential service throws", async () => {
    const agent = await start({
      updater: { onStart: () => Promise.reject(new Error("journal is unreadable")) },
    });
    const error = await failure(agent.started);
    expect(error).toBeInstanceOf(ServiceStartError);
    expect(String(error)).toContain("journal is unreadable");
  });

  test("goes on without a service that is not essential", async () => {
    const agent = await start({ alerts: { onStart: () => Promise.reject(new Error("no chat today")) } });
    await agent.started;
    expect((await page(agent, "/readyz")).status).toBe(200);
  });

  test("fails with ConfigError when the chains contradict the configuration, before any service starts", async () => {
    let starts = 0;
    const problem = { variable: "JEJU_RPC_URLS", problem: "endpoint 0 is on chain 1", example: "x" };
    const agent = await start({
      checkNetwork: async () => ({ ...noReport, problems: [problem] }),
      updater: {
        onStart: async () => {
          starts++;
        },
      },
    });
    const error = await failure(agent.started);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems).toEqual([problem]);
    expect(starts).toBe(0);
  });

  test("starts when the network check itself breaks: that is no configuration problem", async () => {
    const agent = await start({ checkNetwork: () => Promise.reject(new Error("socket closed")) });
    await agent.started;
    expect((await page(agent, "/readyz")).status).toBe(200);
  });

  test("tells the problems of every table in one go", async () => {
    const failing = fakeCatalogue().map((entry) => ({
      ...entry,
      checkEnv: () => {
        throw new ConfigError([{ variable: entry.plugin.name, problem: "is wrong", example: "right" }]);
      },
    }));
    const error = await failure(
      startAgent({
        env: { ...ENV, BOT_ID: "a b", HEALTH_CHECK_PORT: "no" },
        loadCatalogue: async () => failing,
      }),
    );
    expect((error as ConfigError).problems.map(({ variable }) => variable)).toEqual([
      "BOT_ID",
      "HEALTH_CHECK_PORT",
      "leader-lock",
      "oracle-updater",
      "alerts-chat",
    ]);
  });
});

test("ten agents in one process do not disturb each other", async () => {
  const agents = await Promise.all(
    Array.from({ length: 10 }, (_, index) => start({}, { BOT_ID: `bot-${index}` })),
  );
  await Promise.all(agents.map(({ started }) => started));
  const ids = await Promise.all(
    agents.map(async (agent) => ((await (await page(agent, "/livez")).json()) as { botId: string }).botId),
  );
  expect(ids).toEqual(agents.map((_, index) => `bot-${index}`));
});
