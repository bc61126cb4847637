/** Files of one host as a coordination store. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileStore } from "../../src/stores/file/file-store.ts";
import { describeCoordinationStore } from "./store-conformance.ts";

describeCoordinationStore("file", async () => {
  const directory = mkdtempSync(join(tmpdir(), "oracle-lock-"));
  const lockFile = join(directory, "leader.lock");
  return {
    open: () => openFileStore(lockFile),
    wipe: async () => rmSync(`${lockFile}.d`, { recursive: true, force: true }),
    close: async () => rmSync(directory, { recursive: true, force: true }),
  };
});
