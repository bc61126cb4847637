/** A PostgreSQL store behind TLS, against a real server. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type CoordinationStore, StoreUnusableError, silentLogger, systemClock } from "@jeju-oracle/kit";
import { openPostgresStore } from "../../src/stores/postgres-store.ts";
import { type Certificates, hasOpenssl, makeCertificates } from "../support/certificates.ts";
import { findPostgres, type PostgresServer, startPostgresServer } from "../support/postgres-server.ts";
import { failureOf } from "./store-failures.ts";
import { created, uniquePrefix } from "./store-steps.ts";

const isMissing = findPostgres() === null || !hasOpenssl;

describe.skipIf(isMissing)(
  `postgres store over TLS${isMissing ? ": PostgreSQL or openssl is not installed" : ""}`,
  () => {
    let certificates: Certificates;
    let secure: PostgresServer;
    let elsewhere: PostgresServer;
    let plain: PostgresServer;
    const opened: CoordinationStore[] = [];

    beforeAll(async () => {
      certificates = makeCertificates();
      [secure, elsewhere, plain] = await Promise.all([
        startPostgresServer({ tls: certificates.server }),
        startPostgresServer({ tls: certificates.elsewhere }),
        startPostgresServer(),
      ]);
    }, 60_000);
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });
    afterAll(async () => {
      await Promise.all([secure, elsewhere, plain].map((server) => server?.stop()));
      certificates?.remove();
    }, 30_000);

    const open = (server: PostgresServer, query: string) => {
      const store = openPostgresStore(server.url({ query }), { clock: systemClock, logger: silentLogger });
      opened.push(store);
      return store;
    };
    /** Works, and whether over TLS. */
    const isEncrypted = async (server: PostgresServer, query: string): Promise<boolean> => {
      await created(open(server, query), `${uniquePrefix()}a`);
      await using sql = server.connect();
      const rows =
        await sql`SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'jeju-oracle'`;
      await Promise.all(opened.splice(0).map((store) => store.close()));
      return rows.length > 0 && rows.every(({ ssl }: { ssl: boolean }) => ssl);
    };
    const verified = (mode: string, caFile: string) =>
      `sslmode=${mode}&sslrootcert=${encodeURIComponent(caFile)}`;

    test("without an sslmode it is encrypted where the server can", async () => {
      expect(await isEncrypted(secure, "")).toBe(true);
      expect(await isEncrypted(plain, "")).toBe(false);
      expect(await isEncrypted(secure, "sslmode=disable")).toBe(false);
    });

    test("sslmode=require takes any certificate, and no server without TLS", async () => {
      expect(await isEncrypted(elsewhere, "sslmode=require")).toBe(true);
      const failure = await failureOf(open(plain, "sslmode=require"));
      expect(failure).toBeInstanceOf(StoreUnusableError);
      expect(failure.nextStep).toContain("sslmode");
    });

    test("sslmode=verify-full takes a certificate of that authority for that host alone", async () => {
      expect(await isEncrypted(secure, verified("verify-full", certificates.caFile))).toBe(true);
      for (const [server, caFile] of [
        [secure, certificates.otherCaFile],
        [elsewhere, certificates.caFile],
      ] as const) {
        const failure = await failureOf(open(server, verified("verify-full", caFile)));
        expect(failure).toBeInstanceOf(StoreUnusableError);
        expect(failure.nextStep).toContain("sslrootcert");
      }
    });

    test("sslmode=verify-ca takes a certificate of that authority for any host", async () => {
      expect(await isEncrypted(elsewhere, verified("verify-ca", certificates.caFile))).toBe(true);
      expect(
        await failureOf(open(elsewhere, verified("verify-ca", certificates.otherCaFile))),
      ).toBeInstanceOf(StoreUnusableError);
    });

    test("an authority that cannot be read is named when the store is opened", () => {
      expect(() => open(secure, verified("verify-full", "/no/such/ca.pem"))).toThrow("/no/such/ca.pem");
    });
  },
);
