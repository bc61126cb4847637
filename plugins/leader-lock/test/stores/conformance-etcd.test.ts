/** etcd as a coordination store, against a real server. */
import { silentLogger, systemClock } from "@jeju-oracle/kit";
import { openEtcdStore } from "../../src/stores/etcd-store.ts";
import { startCutProxy } from "../support/cut-proxy.ts";
import { findEtcd, startEtcdServer } from "../support/etcd-server.ts";
import { describeCoordinationStore } from "./store-conformance.ts";
import type { StoreFixture } from "./store-fixture.ts";

async function etcdFixture(): Promise<StoreFixture> {
  const server = await startEtcdServer();
  const options = { clock: systemClock, logger: silentLogger, opTimeoutMs: 3_000 };
  const open = (port = server.port) => openEtcdStore(`etcd://127.0.0.1:${port}/conformance`, options);
  return {
    open: () => open(),
    wipe: () => server.wipe(),
    close: () => server.stop(),
    server: {
      kill: () => server.kill(),
      start: () => server.start(),
      freeze: () => server.freeze(),
      thaw: () => server.thaw(),
      openThroughWire: async () => {
        const wire = await startCutProxy(server.port);
        return { store: open(wire.port), wire };
      },
    },
  };
}

describeCoordinationStore("etcd", etcdFixture, {
  server: true,
  ...(findEtcd() === null ? { missing: "etcd is not installed" } : {}),
});
