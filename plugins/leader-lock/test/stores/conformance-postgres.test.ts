/** PostgreSQL as a coordination store, against a real server. */
import { silentLogger, systemClock } from "@jeju-oracle/kit";
import { openPostgresStore } from "../../src/stores/postgres-store.ts";
import { startCutProxy } from "../support/cut-proxy.ts";
import { findPostgres, startPostgresServer } from "../support/postgres-server.ts";
import { describeCoordinationStore } from "./store-conformance.ts";
import type { StoreFixture } from "./store-fixture.ts";

async function postgresFixture(): Promise<StoreFixture> {
  const server = await startPostgresServer();
  const open = (port = server.port) =>
    openPostgresStore(server.url({ port }), { clock: systemClock, logger: silentLogger });
  return {
    open: () => open(),
    // Without its table the sequence goes, too; the function stays.
    wipe: async () => {
      await using sql = server.connect();
      await sql`DROP TABLE oracle_coordination`;
    },
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

describeCoordinationStore("postgres", postgresFixture, {
  server: true,
  ...(findPostgres() === null ? { missing: "PostgreSQL is not installed" } : {}),
});
