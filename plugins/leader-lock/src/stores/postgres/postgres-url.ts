/**
 * The URL of a PostgreSQL store:
 *
 *     postgres://user:password@host[:5432][/database][?sslmode=…][&sslrootcert=/file.pem][&search_path=…]
 *
 * User and password are percent-encoded. Every setting is passed on by name, since Bun lets the environment (PGDATABASE)
 * win over a URL: agents that read one URL must never meet in different databases.
 */
import { StoreUnusableError } from "@jeju-oracle/kit";

/** libpq's modes that say something about one connection: https://www.postgresql.org/docs/current/libpq-ssl.html */
const TLS_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;
type TlsMode = (typeof TLS_MODES)[number];

const PARAMETERS = ["sslmode", "sslrootcert", "search_path"] as const;

export interface PostgresTarget {
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly database: string;
  /** libpq's default is `prefer`, and so is ours. */
  readonly tlsMode: TlsMode;
  /** The certificate authority to verify the server with. */
  readonly caFile: string | undefined;
  /** The schemas in which the table is looked for; made in the first. The role's own when undefined. */
  readonly searchPath: string | undefined;
}

/** @throws {StoreUnusableError} for a URL that does not say where to go. Never shows the password. */
export function parsePostgresUrl(url: string): PostgresTarget {
  if (!URL.canParse(url)) throw wrong("is not a URL");
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(url);
  if (protocol !== "postgres:" && protocol !== "postgresql:") throw wrong("is not a postgres:// URL");
  if (hostname === "") throw wrong("names no host");
  if (username === "") throw wrong("names no user");
  for (const name of searchParams.keys()) {
    if (!PARAMETERS.some((known) => known === name))
      throw wrong(`has an unknown parameter ${name}; known are ${PARAMETERS.join(", ")}`);
  }
  const sslmode = searchParams.get("sslmode");
  const caFile = searchParams.get("sslrootcert") ?? undefined;
  const tlsMode = TLS_MODES.find(
    (mode) => mode === (sslmode ?? (caFile === undefined ? "prefer" : "verify-full")),
  );
  if (tlsMode === undefined) throw wrong(`has an sslmode that is not one of ${TLS_MODES.join(", ")}`);
  if (caFile !== undefined && tlsMode !== "verify-full" && tlsMode !== "verify-ca")
    throw wrong(`names an sslrootcert, which sslmode=${tlsMode} does not verify`);
  const user = decode(username);
  return {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? 5432 : Number(port),
    username: user,
    password: decode(password),
    database: decode(pathname.slice(1)) || user,
    tlsMode,
    caFile,
    searchPath: searchParams.get("search_path") ?? undefined,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong("has a % in its user, password or database that is not percent-encoded as %25");
  }
}

function wrong(problem: string): StoreUnusableError {
  return new StoreUnusableError(`the URL of the PostgreSQL store ${problem}`, {
    nextStep:
      "Set LEADER_LOCK_URL as in postgres://user:password@db.example.com:5432/oracle?sslmode=require.",
  });
}
