/**
 * One of several processes that show the same lock file. A line on its input is a wall clock time, in ms: the file was removed
 * before, and at that time it looks. Answers with 1 if the removal is its to act on, else 0, and shows the file again.
 */
import { LockFile } from "../../../src/lock-file/lock-file.ts";

const VIEW = { botId: "a", term: 1, timestamp: 1, host: "one", pid: 1, expiresInMs: 1 };
const file = new LockFile(process.argv[2] ?? "");
file.publish(VIEW);
process.stdout.write("ready\n");
for await (const line of console) {
  const atMs = Number(line);
  while (performance.timeOrigin + performance.now() < atMs);
  const isOurs = file.replaceRemoved(VIEW);
  file.publish(VIEW);
  process.stdout.write(isOurs ? "1\n" : "0\n");
}
