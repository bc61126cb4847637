/** Publishes a lock file as a user who may not, and prints how that failed. */
import { LockFile, LockFileError } from "../../../src/lock-file/lock-file.ts";

/** `nobody` on Debian; any user but root will do. */
const NOBODY = 65_534;

if (process.getuid?.() === 0) {
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
try {
  new LockFile(process.argv[2] ?? "").publish({
    botId: "a",
    term: 1,
    timestamp: 1,
    host: "one",
    pid: 1,
    expiresInMs: 1,
  });
  console.log("{}");
} catch (error) {
  if (!(error instanceof LockFileError)) throw error;
  const { code, message, nextStep } = error;
  console.log(JSON.stringify({ code, message, nextStep }));
}
