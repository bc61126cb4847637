/** A coordination store by its URL. */
import { fileURLToPath } from "node:url";
import { type Clock, type CoordinationStore, InvariantError, type Logger } from "@jeju-oracle/kit";

export interface OpenStoreOptions {
  readonly opTimeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Opens the store; nothing is asked of it yet. Backends are imported on demand: an agent loads the one that it uses.
 * @throws {InvariantError} for a scheme that the configuration should have refused.
 */
export async function openStore(url: string, options: OpenStoreOptions): Promise<CoordinationStore> {
  const { protocol } = new URL(url);
  switch (protocol) {
    case "file:":
      return (await import("./file/file-store.ts")).openFileStore(fileURLToPath(url));
    case "postgres:":
    case "postgresql:":
      return (await import("./postgres-store.ts")).openPostgresStore(url, options);
    case "etcd:":
      return (await import("./etcd-store.ts")).openEtcdStore(url, options);
    default:
      throw new InvariantError("a store of this scheme cannot be opened", { scheme: protocol });
  }
}
