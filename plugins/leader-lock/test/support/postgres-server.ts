/** A real, private PostgreSQL server: a free loopback port, a folder of its own, gone with the test. */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SQL } from "bun";
import { pickFreePort, startAtFreePort } from "./free-port.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

export interface PostgresServer {
  readonly port: number;
  /** Of the superuser. Holds characters that a URL has to encode. */
  readonly password: string;
  /** Where its data is, and the signal files that change what it does at its next start. */
  readonly dataDirectory: string;
  /** A client of the superuser, whatever the environment says. Whoever asks for it closes it. */
  connect(database?: string): SQL;
  /** A URL of it: by default of the superuser, the database `postgres`, and straight to the server. */
  url(parts?: PostgresUrlParts): string;
  kill(): Promise<void>;
  /** Starts it again with its data, at the same port. */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

export interface PostgresUrlParts {
  readonly user?: string;
  readonly password?: string;
  readonly port?: number;
  readonly database?: string;
  readonly query?: string;
}

export interface PostgresServerOptions {
  /** With these files the server offers TLS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

const SUPERUSER = "oracle_test";
const PASSWORD = "pg-secret/4f1e%9a@7c";

/** The folder of PostgreSQL's programs, or null when none is installed. Debian keeps each version in its own. */
export function findPostgres(): string | null {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  const folders = versions.toSorted((a, b) => b - a).map((version) => join(debian, String(version), "bin"));
  const onPath = Bun.which("initdb");
  if (onPath !== null) folders.push(dirname(onPath));
  const isWhole = (folder: string) => ["initdb", "postgres"].every((name) => existsSync(join(folder, name)));
  return folders.find(isWhole) ?? null;
}

/** Makes a new cluster and starts it. @throws when PostgreSQL is not installed, or does not start. */
export function startPostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const programs = findPostgres();
  if (programs === null) throw new Error("PostgreSQL is not installed");
  return startAtFreePort(() => startNewCluster(programs, options));
}

async function startNewCluster(programs: string, options: PostgresServerOptions): Promise<PostgresServer> {
  const account = serverAccount();
  const directory = mkdtempSync(join(tmpdir(), "oracle-postgres-"));
  const data = join(directory, "data");
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, PASSWORD);
  account.give(directory);
  account.give(passwordFile);
  const initialised = Bun.spawnSync([
    ...[...account.prefix, join(programs, "initdb"), "-D", data, "-U", SUPERUSER, "--pwfile", passwordFile],
    ...["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"],
  ]);
  if (!initialised.success) throw new Error(`initdb failed: ${initialised.stderr}`);

  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: "off",
    max_connections: "300",
    shared_buffers: "16MB",
    ...(options.tls === undefined ? {} : tlsSettings(options.tls, directory, account.give)),
  };
  const port = pickFreePort();
  const start = () =>
    startServerProcess({
      directory,
      command: [
        ...[...account.prefix, join(programs, "postgres"), "-D", data, "-p", String(port)],
        ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ],
      // A standby accepts read-only connections.
      isReady: async (log) => /database system is ready to accept (read-only )?connections/.test(log),
    });
  let server: ServerProcess = await start();
  return {
    port,
    password: PASSWORD,
    dataDirectory: data,
    connect: (database = "postgres") =>
      new SQL({
        ...{ adapter: "postgres", hostname: "127.0.0.1", port, database, tls: false, max: 1 },
        ...{ username: SUPERUSER, password: PASSWORD },
      }),
    url: (parts = {}) => {
      const user = `${parts.user ?? SUPERUSER}:${encodeURIComponent(parts.password ?? PASSWORD)}`;
      const query = parts.query === undefined ? "" : `?${parts.query}`;
      return `postgres://${user}@127.0.0.1:${parts.port ?? port}/${parts.database ?? "postgres"}${query}`;
    },
    kill: () => server.kill(),
    start: async () => {
      server = await start();
    },
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    stop: () => server.stop(),
  };
}

interface ServerAccount {
  /** What runs a command as that account. */
  readonly prefix: readonly string[];
  give(path: string): void;
}

/** PostgreSQL refuses to run as root: then it runs as the account that its Debian package makes. */
function serverAccount(): ServerAccount {
  if (process.getuid?.() !== 0) return { prefix: [], give: () => undefined };
  const entry = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((line) => line.startsWith("postgres:"));
  const [, , uid, gid] = (entry ?? "postgres:x:65534:65534").split(":");
  return {
    prefix: ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--"],
    give: (path) => chownSync(path, Number(uid), Number(gid)),
  };
}

/** The server insists on a key that is its own and nobody else's. */
function tlsSettings(
  tls: { readonly certFile: string; readonly keyFile: string },
  directory: string,
  give: (path: string) => void,
): Record<string, string> {
  const keyFile = join(directory, "server.key");
  copyFileSync(tls.keyFile, keyFile);
  chmodSync(keyFile, 0o600);
  give(keyFile);
  const certFile = join(directory, "server.crt");
  copyFileSync(tls.certFile, certFile);
  give(certFile);
  return { ssl: "on", ssl_cert_file: certFile, ssl_key_file: keyFile };
}
