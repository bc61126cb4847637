/** A real, private etcd server: free loopback ports, a folder of its own, gone with the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pickFreePort, startAtFreePort } from "./free-port.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

export interface EtcdServer {
  readonly port: number;
  /** Its HTTP gateway: `http://127.0.0.1:<port>`, https with TLS. */
  readonly gatewayUrl: string;
  kill(): Promise<void>;
  /** Starts it again with its data, at the same port. */
  start(): Promise<void>;
  /** Kills it, removes its data, and starts it as a new cluster. */
  wipe(): Promise<void>;
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

export interface EtcdServerOptions {
  /** Time in s after which a login has to be repeated. */
  readonly tokenTtlS?: number;
  /** With these files the server speaks TLS alone; with a `clientCaFile` it asks clients for certificates, too. */
  readonly tls?: {
    readonly certFile: string;
    readonly keyFile: string;
    readonly clientCaFile?: string;
  };
}

/** The etcd binary, or null when none is installed. */
export function findEtcd(): string | null {
  return Bun.which("etcd");
}

/** Makes a new cluster of one and starts it. @throws when etcd is not installed, or does not start. */
export function startEtcdServer(options: EtcdServerOptions = {}): Promise<EtcdServer> {
  const binary = findEtcd();
  if (binary === null) throw new Error("etcd is not installed");
  return startAtFreePort(() => startNewCluster(binary, options));
}

async function startNewCluster(binary: string, { tls, tokenTtlS }: EtcdServerOptions): Promise<EtcdServer> {
  const directory = mkdtempSync(join(tmpdir(), "oracle-etcd-"));
  const data = join(directory, "data");
  const port = pickFreePort();
  const clientUrl = `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  const peerUrl = `http://127.0.0.1:${pickFreePort()}`;
  const tlsFlags =
    tls === undefined
      ? []
      : [
          ...["--cert-file", tls.certFile, "--key-file", tls.keyFile],
          ...(tls.clientCaFile === undefined
            ? []
            : ["--client-cert-auth", "--trusted-ca-file", tls.clientCaFile]),
        ];
  const start = () =>
    startServerProcess({
      directory,
      command: [
        ...[binary, "--name", "default", "--data-dir", data, "--logger", "zap"],
        ...["--listen-client-urls", clientUrl, "--advertise-client-urls", clientUrl],
        ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl],
        ...["--initial-cluster", `default=${peerUrl}`, ...tlsFlags],
        ...(tokenTtlS === undefined ? [] : ["--auth-token-ttl", String(tokenTtlS)]),
      ],
      // Logged once it serves clients, which is after it has become the leader of its cluster.
      isReady: async (log) =>
        log.includes("serving client traffic") || log.includes("serving insecure client"),
    });
  let server: ServerProcess = await start();
  const startAgain = async () => {
    server = await start();
  };
  return {
    port,
    gatewayUrl: clientUrl,
    kill: () => server.kill(),
    start: startAgain,
    wipe: async () => {
      await server.kill();
      rmSync(data, { recursive: true });
      await startAgain();
    },
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    stop: () => server.stop(),
  };
}
