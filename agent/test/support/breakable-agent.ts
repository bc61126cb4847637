/** An agent with fake plugins, in a process of its own, that breaks on request: `POST /oracle-updater/break`. */
import type { Route } from "@elizaos/core";
import { onStopSignal } from "../../src/signals.ts";
import { startAgent } from "../../src/start-agent.ts";
import { fakeCatalogue } from "./fake-plugins.ts";

const breakRoute: Route = {
  type: "POST",
  path: "/break",
  handler: async (_request, response) => {
    void Promise.reject(new Error("nobody awaits this"));
    setTimeout(() => {
      throw new Error("nobody catches this");
    }, 0);
    response.status(202).json({ breaking: true });
  },
};

const hang = () => new Promise<never>(() => undefined);
const updater = { routes: [breakRoute], ...(process.env.HANG_ON_STOP === "true" ? { onStop: hang } : {}) };
const agent = await startAgent({
  env: { ...process.env },
  loadCatalogue: async () => fakeCatalogue({ updater }),
});
onStopSignal(
  agent.context.logger,
  async (signal) => {
    await agent.stop(signal);
    process.exit(0);
  },
  (code) => process.exit(code),
);
await agent.started;
