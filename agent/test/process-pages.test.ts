import { expect, test } from "bun:test";
import { Registry } from "prom-client";
import { type Phase, processPages } from "../src/process-pages.ts";

const alertmanager = (phase: Phase) =>
  processPages({ botId: "bot-1", metrics: new Registry() }, () => phase)
    .find(({ path }) => path === "/alertmanager")
    ?.handler({ method: "POST", url: new URL("http://agent/alertmanager"), headers: {}, body: undefined });

test.each(["starting", "stopping"] as const)(
  "alerts that arrive while an agent without their plugin is %s are asked to come again, and told why",
  async (phase) => {
    const reply = await alertmanager(phase);
    expect(reply?.status).toBe(503);
    expect(Number(reply?.headers["retry-after"])).toBeGreaterThan(0);
    expect(reply?.body).toContain(`the agent is ${phase}`);
  },
);

test("alerts that no plugin takes are refused for good once the agent is ready", async () => {
  expect((await alertmanager("ready"))?.status).toBe(404);
});
