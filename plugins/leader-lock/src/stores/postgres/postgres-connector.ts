/** Bun's PostgreSQL client for a target, with every setting named: what the environment says has no part in it. */
import { readFileSync } from "node:fs";
import { describeError, StoreUnusableError } from "@jeju-oracle/kit";
import { SQL } from "bun";
import type { PostgresTarget } from "./postgres-url.ts";

/** Calls have deadlines of their own; this one ends what was left behind. */
const CONNECT_TIMEOUT_S = 10;

/**
 * A function that makes a client with at most `max` connections, which are opened when they are used.
 * @throws {StoreUnusableError} when the certificate cannot be read.
 */
export function connectorTo(target: PostgresTarget): (max: number) => SQL {
  const { hostname, port, username, password, database, searchPath } = target;
  const tls = tlsOf(target);
  return (max) =>
    new SQL({
      adapter: "postgres",
      ...{ hostname, port, username, password, database, tls, max },
      // Poolers between us and the server do not keep named statements.
      prepare: false,
      connectionTimeout: CONNECT_TIMEOUT_S,
      connection: {
        application_name: "jeju-oracle",
        ...(searchPath === undefined ? {} : { search_path: searchPath }),
      },
    });
}

function tlsOf({ tlsMode, caFile }: PostgresTarget) {
  if (caFile === undefined) return tlsMode;
  const ca = readCertificate(caFile);
  // With a certificate authority Bun verifies the host name too, unless it is told not to.
  return tlsMode === "verify-ca" ? { ca, checkServerIdentity: () => undefined } : { ca };
}

function readCertificate(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new StoreUnusableError(
      `cannot read the certificate authority of the store: ${describeError(cause)}`,
      {
        nextStep: "Name a readable PEM file as sslrootcert in LEADER_LOCK_URL.",
        cause,
      },
    );
  }
}
