/** Plugins that stand in for the real ones, so that a test decides when they start, fail, hang and stop. */
import { type IAgentRuntime, type Plugin, type Route, Service } from "@elizaos/core";
import { envTypes } from "@jeju-oracle/kit";
import type { CataloguedPlugin } from "../../src/plugin-catalogue.ts";

interface FakePluginOptions {
  readonly onStart?: () => Promise<void>;
  readonly onStop?: () => Promise<void>;
  readonly routes?: Route[];
}

/** A plugin with one service of type `serviceType`. */
function fakePlugin(name: string, serviceType: string, options: FakePluginOptions = {}): Plugin {
  class FakeService extends Service {
    static override serviceType = serviceType;
    override capabilityDescription = name;
    static override async start(runtime: IAgentRuntime): Promise<Service> {
      await options.onStart?.();
      return new FakeService(runtime);
    }
    async stop(): Promise<void> {
      await options.onStop?.();
    }
  }
  return { name, description: name, services: [FakeService], routes: options.routes ?? [] };
}

export interface FakeFleet {
  readonly leadership?: FakePluginOptions;
  readonly updater?: FakePluginOptions;
  readonly alerts?: FakePluginOptions;
  readonly checkNetwork?: CataloguedPlugin["checkNetwork"];
}

/** A catalogue with the names and orders of the real one. The updater demands TOKEN, a secret. */
export function fakeCatalogue(fleet: FakeFleet = {}): readonly CataloguedPlugin[] {
  const base = { env: {}, checkEnv: () => undefined };
  return [
    {
      ...base,
      packageName: "@jeju-oracle/plugin-leader-lock",
      plugin: fakePlugin("leader-lock", "leadership", fleet.leadership),
      essential: true,
      stops: [{ order: 2, deadlineMs: 1_000 }],
    },
    {
      ...base,
      packageName: "@jeju-oracle/plugin-oracle-updater",
      plugin: fakePlugin("oracle-updater", "oracle-updater", fleet.updater),
      essential: true,
      stops: [{ order: 1, deadlineMs: 2_000 }],
      env: { TOKEN: { schema: envTypes.string(), about: "a token", example: "t", secret: true } },
      ...(fleet.checkNetwork === undefined ? {} : { checkNetwork: fleet.checkNetwork }),
    },
    {
      ...base,
      packageName: "@jeju-oracle/plugin-alerts-chat",
      plugin: fakePlugin("alerts-chat", "alerts", fleet.alerts),
      essential: false,
      stops: [{ order: 3, deadlineMs: 500 }],
    },
  ];
}
