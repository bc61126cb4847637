/** A coordination store by its URL. */
import { fileURLToPath } from "node:url";
import { type Clock, type CoordinationStore, InvariantError, type Logger } from "@jeju-oracle/kit";
import { storeScheme } from "./store-url.ts";

export interface OpenStoreOptions {
  readonly opTimeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Opens the store; nothing is asked of it yet. Backends are imported on demand: an agent loads the one that it uses.
 * @throws {InvariantError} for a scheme that the configuration should have refused. {StoreUnusableError} for a certificate
 * that cannot be read.
 */
export async function openStore(url: string, options: OpenStoreOptions): Promise<CoordinationStore> {
  const scheme = storeScheme(url);
  switch (scheme) {
    case "file":
      return (await import("./file/file-store.ts")).openFileStore(fileURLToPath(url));
    case "postgres":
    case "postgresql":
      return (await import("./postgres-store.ts")).openPostgresStore(url, options);
    case "etcd":
      return (await import("./etcd-store.ts")).openEtcdStore(url, options);
    case undefined:
      throw new InvariantError("a store of this scheme cannot be opened");
    default:
      return scheme satisfies never;
  }
}
