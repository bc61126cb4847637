/** What is particular to PostgreSQL: who may use it, how it is reached, and what shares it. Against real servers. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CoordinationStore,
  StoreUnavailableError,
  StoreUnusableError,
  silentLogger,
  systemClock,
} from "@jeju-oracle/kit";
import { openPostgresStore } from "../../src/stores/postgres-store.ts";
import { startCutProxy } from "../support/cut-proxy.ts";
import {
  findPostgres,
  type PostgresServer,
  type PostgresUrlParts,
  startPostgresServer,
} from "../support/postgres-server.ts";
import { endsAfterClosing, everythingOf, failureOf } from "./store-failures.ts";
import { Changes, created, replaced, soon, uniquePrefix, uniqueValue } from "./store-steps.ts";

const isMissing = findPostgres() === null;

describe.skipIf(isMissing)(`postgres store${isMissing ? ": PostgreSQL is not installed" : ""}`, () => {
  let server: PostgresServer;
  const opened: CoordinationStore[] = [];

  beforeAll(async () => {
    server = await startPostgresServer();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
  });
  afterAll(async () => {
    await server?.stop();
  }, 30_000);

  const open = (parts: PostgresUrlParts = {}) => {
    const store = openPostgresStore(server.url(parts), { clock: systemClock, logger: silentLogger });
    opened.push(store);
    return store;
  };
  /** Runs statements as the superuser. */
  const administer = async (statements: string, database = "postgres") => {
    await using sql = server.connect(database);
    return await sql.unsafe(statements);
  };
  /** A role, with a password of its own, and a database that it owns unless told otherwise. */
  const newRole = async (
    owner?: "superuser",
  ): Promise<Required<Pick<PostgresUrlParts, "user" | "password" | "database">>> => {
    const name = `r${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
    const password = `role-secret-${crypto.randomUUID()}`;
    await administer(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
    await administer(`CREATE DATABASE ${name}${owner === "superuser" ? "" : ` OWNER ${name}`}`);
    return { user: name, password, database: name };
  };

  describe("the first use", () => {
    test("50 clients that find an empty database at once all work, and one of them wins", async () => {
      for (let round = 0; round < 3; round++) {
        const role = await newRole();
        const stores = Array.from({ length: 50 }, () => open(role));
        const results = await Promise.all(
          stores.map((store) => store.casAndList("leader", null, uniqueValue(), "", soon())),
        );
        expect(results.filter(({ won }) => won)).toHaveLength(1);
        await Promise.all(opened.splice(0).map((store) => store.close()));
      }
    }, 60_000);

    test("50 clients that read an empty database at once find nothing", async () => {
      const role = await newRole();
      const results = await Promise.all(Array.from({ length: 50 }, () => open(role).read("leader", soon())));
      expect(results.every((result) => result === null)).toBe(true);
    }, 60_000);

    test("a role without the right to create is told which right it needs", async () => {
      const failure = await failureOf(open(await newRole("superuser")));
      expect(failure).toBeInstanceOf(StoreUnusableError);
      expect(failure.message).toContain("permission denied for schema public");
      expect(failure.nextStep).toContain("GRANT CREATE");
    });

    test("a role without rights on the table is told which ones it needs, and works with them", async () => {
      const role = await newRole("superuser");
      const first = await created(open({ database: role.database }), "leader");
      const store = open(role);
      const failure = await failureOf(store);
      expect(failure).toBeInstanceOf(StoreUnusableError);
      expect(failure.nextStep).toContain("GRANT SELECT, INSERT, UPDATE, DELETE ON oracle_coordination");
      await administer(
        `GRANT SELECT, INSERT, UPDATE, DELETE ON oracle_coordination TO ${role.user};
         GRANT USAGE ON SEQUENCE oracle_coordination_revision TO ${role.user}`,
        role.database,
      );
      await replaced(store, first);
    });

    test("a table of that name that is not ours is named as the trouble", async () => {
      const role = await newRole();
      await administer(
        "CREATE TABLE oracle_coordination (id int); GRANT ALL ON oracle_coordination TO PUBLIC",
        role.database,
      );
      const failure = await open(role)
        .read("leader", soon())
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(StoreUnusableError);
      expect((failure as StoreUnusableError).nextStep).toContain("oracle_coordination");
    });
  });

  describe("who shares it", () => {
    test("agents in two databases do not meet", async () => {
      const [one, other] = [open(await newRole()), open(await newRole())];
      await created(one, "leader");
      expect(await other.read("leader", soon())).toBeNull();
      await created(other, "leader");
    });

    test("agents in two schemas of one database do not meet", async () => {
      const role = await newRole();
      await administer(
        `CREATE SCHEMA a AUTHORIZATION ${role.user}; CREATE SCHEMA b AUTHORIZATION ${role.user}`,
        role.database,
      );
      const [one, other] = ["a", "b"].map((schema) => open({ ...role, query: `search_path=${schema}` }));
      await created(one!, "leader");
      expect(await other!.read("leader", soon())).toBeNull();
      await created(other!, "leader");
      expect(await one!.list("", soon())).toHaveLength(1);
    });

    test("what the environment says about PostgreSQL has no part in it", async () => {
      const names = {
        PGDATABASE: "elsewhere",
        PGHOST: "192.0.2.1",
        PGUSER: "nobody",
        PGPASSWORD: "none",
        PGSSLMODE: "verify-full",
      };
      const before = Object.keys(names).map((name) => [name, process.env[name]] as const);
      const role = await newRole();
      Object.assign(process.env, names);
      try {
        await created(open(role), "leader");
        expect(await administer("SELECT 1 FROM oracle_coordination", role.database)).toHaveLength(1);
      } finally {
        for (const [name, value] of before) {
          if (value === undefined) delete process.env[name];
          else process.env[name] = value;
        }
      }
    });

    test("a client uses four connections at most, and none when it is closed", async () => {
      const role = await newRole();
      const connections = async () =>
        (await administer(`SELECT 1 FROM pg_stat_activity WHERE datname = '${role.database}'`)).length;
      const [store, prefix] = [open(role), uniquePrefix()];
      await created(store, `${prefix}first`);
      await Promise.all(Array.from({ length: 100 }, (_, index) => created(store, `${prefix}${index}`)));
      const most = await connections();
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(4);
      const end = store.watch(prefix, () => undefined);
      await store.close();
      end();
      // The server notices the end of a connection in its own time.
      for (let left = 200; left > 0 && (await connections()) > 0; left--) await Bun.sleep(25);
      expect(await connections()).toBe(0);
    });

    test("a process whose store was closed ends by itself", async () => {
      const module = import.meta.resolve("../../src/stores/postgres-store.ts");
      await endsAfterClosing(module, "openPostgresStore", server.url());
    });

    test("a watch whose connection died without notice speaks again once a call has noticed", async () => {
      const wire = await startCutProxy(server.port);
      const [watcher, writer, prefix] = [open({ port: wire.port }), open(), uniquePrefix()];
      const changes = new Changes(watcher, prefix);
      await changes.established(writer, `${prefix}probe`);
      await created(watcher, `${prefix}a`);
      wire.strand();
      await expect(watcher.read(`${prefix}a`, AbortSignal.timeout(300))).rejects.toBeInstanceOf(
        StoreUnavailableError,
      );
      await changes.quiet();
      changes.count = 0;
      await changes.established(writer, `${prefix}probe`);
      await changes.after(() => created(writer, `${prefix}b`));
      changes.end();
      await wire.close();
    });

    test("a row that somebody holds delays its call alone, and only until its deadline", async () => {
      const [store, prefix] = [open(), uniquePrefix()];
      const held = await created(store, `${prefix}held`);
      await using sql = server.connect();
      await sql.begin(async (transaction) => {
        await transaction`SELECT 1 FROM oracle_coordination WHERE name = ${held.name} FOR UPDATE`;
        await expect(
          store.cas(held.name, held, uniqueValue(), AbortSignal.timeout(300)),
        ).rejects.toBeInstanceOf(StoreUnavailableError);
        expect(await store.read(held.name, soon())).toEqual(held);
      });
      await created(store, `${prefix}other`);
    });
  });

  describe("the login", () => {
    test("a wrong password is refused at once, and shown nowhere", async () => {
      const role = await newRole();
      const password = "wrong-secret/1d7f%@x";
      const failure = await failureOf(open({ ...role, password }));
      expect(failure).toBeInstanceOf(StoreUnusableError);
      expect(failure.message).toContain("password authentication failed");
      expect(failure.nextStep).toContain("LEADER_LOCK_URL");
      for (const secret of [password, encodeURIComponent(password)])
        expect(everythingOf(failure)).not.toContain(secret);
    });

    test("the right password is shown nowhere either", async () => {
      const role = await newRole();
      const failure = await failureOf(open({ ...role, database: "no_such_database" }));
      expect(failure).toBeInstanceOf(StoreUnusableError);
      expect(failure.message).toContain('database "no_such_database" does not exist');
      expect(failure.nextStep).toContain("Create the database");
      expect(everythingOf(failure)).not.toContain(role.password);
      expect(open(role).label).toBe(`postgres://127.0.0.1:${server.port}`);
    });

    test("a login that was refused works as soon as it is allowed", async () => {
      const role = await newRole();
      await administer(`ALTER ROLE ${role.user} NOLOGIN`);
      const store = open(role);
      expect(await failureOf(store)).toBeInstanceOf(StoreUnusableError);
      await administer(`ALTER ROLE ${role.user} LOGIN`);
      await created(store, "leader");
    });
  });

  describe("what keeps one leader", () => {
    test("transactions that would not see each other are refused", async () => {
      const role = await newRole();
      await administer(`ALTER ROLE ${role.user} SET default_transaction_isolation = 'repeatable read'`);
      const failure = await failureOf(open(role));
      expect(failure).toBeInstanceOf(StoreUnusableError);
      expect(failure.nextStep).toContain("default_transaction_isolation = 'read committed'");
    });

    test("a write that was answered is on disk, also where the role does not wait for it", async () => {
      const role = await newRole();
      await created(open(role), "leader");
      await using sql = server.connect(role.database);
      const setting = await sql.begin(async (transaction) => {
        await transaction`SET LOCAL synchronous_commit = off`;
        await transaction`SELECT * FROM oracle_coordination_write_1('other', NULL, NULL, 'value', NULL)`;
        return transaction`SHOW synchronous_commit`;
      });
      expect(setting[0].synchronous_commit).toBe("on");
    });

    test("a standby's answer is not taken; when it is promoted it is", async () => {
      const [store, name] = [open(), `${uniquePrefix()}a`];
      const first = await created(store, name);
      const signalFile = join(server.dataDirectory, "standby.signal");
      await server.kill();
      writeFileSync(signalFile, "");
      await server.start();
      try {
        const fresh = open();
        for (const call of [
          () => fresh.read(name, soon()),
          () => fresh.list(name, soon()),
          () => fresh.cas(name, first, uniqueValue(), soon()),
        ]) {
          const failure = await call().catch((error: unknown) => error);
          expect(failure).toBeInstanceOf(StoreUnavailableError);
          expect((failure as StoreUnavailableError).nextStep).toContain("primary");
        }
        await administer("SELECT pg_promote(wait => true)");
      } finally {
        rmSync(signalFile, { force: true });
      }
      const promoted = open();
      expect(await promoted.read(name, soon())).toEqual(first);
      await replaced(promoted, first);
    }, 60_000);
  });
});
