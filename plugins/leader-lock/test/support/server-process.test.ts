/** Servers of tests never outlive them. */
import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServerProcess } from "./server-process.ts";

/** A server with a child: both sleep, and the pids are in its log. */
const SERVER = ["/bin/sh", "-c", 'sleep 300 & echo "ready $$ $!"; wait'];

function pidsIn(directory: string): number[] {
  const [, ...pids] = readFileSync(join(directory, "server.log"), "utf8")
    .trim()
    .split("\n")
    .at(-1)!
    .split(" ");
  return pids.map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

async function untilGone(pids: readonly number[]): Promise<void> {
  for (let left = 400; left > 0 && pids.some(isRunning); left--) await Bun.sleep(25);
  expect(pids.filter(isRunning)).toEqual([]);
}

const start = (directory: string) =>
  startServerProcess({ directory, command: SERVER, isReady: async (log) => log.includes("ready") });

test.skipIf(process.platform !== "linux")(
  "when its test is killed with SIGKILL, a server goes with its children and its folder",
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "oracle-server-"));
    const script = `
      import { startServerProcess } from ${JSON.stringify(join(import.meta.dir, "server-process.ts"))};
      await startServerProcess({
        directory: ${JSON.stringify(directory)},
        command: ${JSON.stringify(SERVER)},
        isReady: async (log) => log.includes("ready"),
      });
      console.log("started");
      await new Promise(() => {});`;
    await using holder = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    for await (const chunk of holder.stdout) if (new TextDecoder().decode(chunk).includes("started")) break;
    const pids = pidsIn(directory);
    expect(pids).toHaveLength(2);
    expect(pids.filter(isRunning)).toEqual(pids);
    holder.kill("SIGKILL");
    await holder.exited;
    await untilGone(pids);
    for (let left = 400; left > 0 && existsSync(directory); left--) await Bun.sleep(25);
    expect(existsSync(directory)).toBe(false);
  },
);

test.skipIf(process.platform !== "linux")(
  "a frozen server can be stopped; a killed one leaves its folder for the next start",
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "oracle-server-"));
    const killed = await start(directory);
    const firstPids = pidsIn(directory);
    await killed.kill();
    await untilGone(firstPids);
    expect(existsSync(directory)).toBe(true);

    const frozen = await start(directory);
    const secondPids = pidsIn(directory);
    frozen.freeze();
    await frozen.stop();
    await frozen.stop();
    await untilGone(secondPids);
    expect(existsSync(directory)).toBe(false);

    const again = mkdtempSync(join(tmpdir(), "oracle-server-"));
    const gone = await start(again);
    await gone.kill();
    await gone.stop();
    expect(existsSync(again)).toBe(false);
  },
);

test("a server that does not start says why", async () => {
  const directory = mkdtempSync(join(tmpdir(), "oracle-server-"));
  const command = ["/bin/sh", "-c", "echo out of luck; exit 3"];
  await expect(startServerProcess({ directory, command, isReady: async () => false })).rejects.toThrow(
    "out of luck",
  );
  expect(existsSync(directory)).toBe(false);
});
