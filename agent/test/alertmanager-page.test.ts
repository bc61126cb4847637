/** The Alertmanager webhook through the agent's own HTTP server, with a desk that the test holds. */
import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alertmanagerRoute } from "../../plugins/alerts-chat/src/alertmanager/alertmanager-route.ts";
import type { Observation } from "../../plugins/alerts-chat/src/alerts/alert.ts";
import type { AlertDesk } from "../../plugins/alerts-chat/src/alerts/alert-desk.ts";
import { LedgerError } from "../../plugins/alerts-chat/src/alerts/ledger.ts";
import { outsideAlert, webhookOf } from "../../plugins/alerts-chat/test/alertmanager/webhook-body.ts";
import { type Agent, startAgent } from "../src/start-agent.ts";
import { type FakeFleet, fakeCatalogue } from "./support/fake-plugins.ts";

const TOKEN = "a-token-of-the-alertmanager";
const ENV = { BOT_ID: "bot-1", HEALTH_CHECK_PORT: "0", HEALTH_CHECK_HOST: "127.0.0.1", LOG_LEVEL: "error" };
const BODY = webhookOf([outsideAlert({ fingerprint: "0d9c5e5a0ddd3cbc" })]);

const running: Agent[] = [];
afterEach(async () => {
  for (const agent of running.splice(0)) await agent.stop("the test is over");
});

type Observe = AlertDesk["observe"];

interface Setting {
  readonly env?: Readonly<Record<string, string>>;
  readonly observe?: Observe;
  readonly fleet?: FakeFleet;
}

/** An agent with the route, and what its desk was told. `desk` can be taken away. */
async function agentWithRoute({ env = { ALERTMANAGER_TOKEN: TOKEN }, observe, fleet = {} }: Setting = {}) {
  const observed: Observation[] = [];
  const state: { desk: AlertDesk | undefined } = {
    desk: deskWith(
      observe ??
        (async (observations) => {
          observed.push(...observations);
        }),
    ),
  };
  const agent = await startAgent({
    env: { ...ENV, ...env },
    loadCatalogue: async () =>
      fakeCatalogue({ ...fleet, alerts: { routes: [alertmanagerRoute(() => state.desk)] } }),
  });
  running.push(agent);
  const url = `http://127.0.0.1:${agent.http.port}`;
  const post = (
    body: string | ReadableStream<Uint8Array> = JSON.stringify(BODY),
    token: string | undefined = TOKEN,
    path = "/alertmanager",
  ) =>
    fetch(url + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
    });
  return { agent, url, post, observed, state };
}

function deskWith(observe: Observe): AlertDesk {
  const unused = () => Promise.reject(new Error("the webhook only observes"));
  return {
    observe,
    list: unused,
    acknowledge: unused,
    unacknowledge: unused,
    silence: unused,
    unsilence: unused,
    silences: unused,
  };
}

describe("POST /alertmanager", () => {
  test.each(["/alertmanager", "/alerts-chat/alertmanager"])(
    "at %s takes alerts to the desk",
    async (path) => {
      const { agent, post, observed } = await agentWithRoute();
      await agent.started;
      const reply = await post(undefined, undefined, path);
      expect(reply.status).toBe(200);
      expect(observed[0]).toMatchObject({ fingerprint: "alertmanager:0d9c5e5a0ddd3cbc", holds: true });
    },
  );

  test("answers 200 only after the desk has kept them", async () => {
    const kept = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { agent, post } = await agentWithRoute({
      observe: () => {
        asked.resolve();
        return kept.promise;
      },
    });
    await agent.started;
    const reply = post();
    await asked.promise;
    expect(await Promise.race([reply, Bun.sleep(50).then(() => "no answer yet")])).toBe("no answer yet");
    kept.resolve();
    expect((await reply).status).toBe(200);
  });

  test("without a token of its own takes nothing, and says which variable to set", async () => {
    const { agent, post, observed } = await agentWithRoute({ env: {} });
    await agent.started;
    const reply = await post();
    expect(reply.status).toBe(404);
    expect(await reply.text()).toContain("set ALERTMANAGER_TOKEN");
    expect(observed).toEqual([]);
  });

  test.each([
    ["none", ""],
    ["another", "another-token-of-nobody"],
    ["one that begins alike", TOKEN.slice(0, -1)],
    ["one that goes on", `${TOKEN}s`],
  ])("answers 401 to a token that is not the right one: %s", async (_which, token) => {
    const { agent, post, observed } = await agentWithRoute();
    await agent.started;
    const reply = await post(undefined, token);
    expect(reply.status).toBe(401);
    expect(reply.headers.get("www-authenticate")).toBe("Bearer");
    expect(await reply.text()).not.toContain(TOKEN);
    expect(observed).toEqual([]);
  });

  test("takes the token from a file", async () => {
    const directory = mkdtempSync(join(tmpdir(), "alertmanager-token-"));
    try {
      const file = join(directory, "token");
      writeFileSync(file, `${TOKEN}\n`);
      chmodSync(file, 0o600);
      const { agent, post } = await agentWithRoute({ env: { ALERTMANAGER_TOKEN_FILE: file } });
      await agent.started;
      expect((await post()).status).toBe(200);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("answers 400 with the name of the wrong field, and to what is not JSON", async () => {
    const { agent, post, observed } = await agentWithRoute();
    await agent.started;
    const wrong = await post(JSON.stringify({ ...BODY, version: "3" }));
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toContain("version: ");
    expect((await post("{")).status).toBe(400);
    expect((await post("")).status).toBe(400);
    expect(observed).toEqual([]);
  });

  test("answers 413 to what is larger than a message about alerts can be", async () => {
    const { agent, post, observed } = await agentWithRoute();
    await agent.started;
    const huge = JSON.stringify({ ...BODY, externalURL: "x".repeat(300 * 1024) });
    expect((await post(huge)).status).toBe(413);
    const unannounced = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(huge));
        controller.close();
      },
    });
    expect((await post(unannounced)).status).toBe(413);
    expect(observed).toEqual([]);
  });

  test("asks to come again while the desk is not there, and takes them when it is", async () => {
    const { agent, post, observed, state } = await agentWithRoute();
    await agent.started;
    const { desk } = state;
    state.desk = undefined;
    const early = await post();
    expect(early.status).toBe(503);
    expect(Number(early.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(observed).toEqual([]);
    state.desk = desk;
    expect((await post()).status).toBe(200);
  });

  test("asks to come again while the ledger cannot be written", async () => {
    const { agent, post } = await agentWithRoute({
      observe: () => Promise.reject(new LedgerError("alerts.sqlite", new Error("disk full"))),
    });
    await agent.started;
    const reply = await post();
    expect(reply.status).toBe(503);
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await reply.text()).toContain("Free space");
  });

  test("answers 500 to a defect, which Alertmanager tries again as well", async () => {
    const { agent, post } = await agentWithRoute({ observe: () => Promise.reject(new Error("a defect")) });
    await agent.started;
    expect((await post()).status).toBe(500);
  });

  test("asks to come again while the agent starts: Alertmanager would give up on what is not found", async () => {
    const gate = Promise.withResolvers<void>();
    const { agent, post } = await agentWithRoute({
      fleet: {
        checkNetwork: async () => {
          await gate.promise;
          return { problems: [], notes: [], unreachable: [] };
        },
      },
    });
    const early = await post();
    expect(early.status).toBe(503);
    expect(Number(early.headers.get("retry-after"))).toBeGreaterThan(0);
    gate.resolve();
    await agent.started;
    expect((await post()).status).toBe(200);
  });
});
