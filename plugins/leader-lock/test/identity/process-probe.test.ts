import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { ProcessIdentity } from "../../src/election/lease-record.ts";
import { ownIdentity, ownProcess } from "../../src/identity/own-identity.ts";
import { probeProcess, readStartTicks } from "../../src/identity/process-probe.ts";

const SELF = ownProcess()!;

/** A process that waits until it is ended, and its identity as it would tell it itself. */
function spawnSleeper() {
  const child = Bun.spawn(["sleep", "60"], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  const identity: ProcessIdentity = { ...SELF, pid: child.pid, startTicks: readStartTicks(child.pid)! };
  return {
    child,
    identity,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2)[0]!;
}

async function until(holds: () => boolean): Promise<void> {
  const overdueMs = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > overdueMs) throw new Error("not within 10 s");
    await Bun.sleep(2);
  }
}

describe("a process of this machine", () => {
  test("is alive while it runs", async () => {
    await using sleeper = spawnSleeper();
    expect(probeProcess(sleeper.identity, SELF)).toBe("alive");
    expect(probeProcess(SELF, SELF)).toBe("alive");
  });

  test("is alive while it is stopped: it may go on", async () => {
    await using sleeper = spawnSleeper();
    sleeper.child.kill("SIGSTOP");
    await until(() => stateOf(sleeper.child.pid) === "T");
    expect(probeProcess(sleeper.identity, SELF)).toBe("alive");
    sleeper.child.kill("SIGCONT");
  });

  test("is dead once it has ended", async () => {
    const sleeper = spawnSleeper();
    await sleeper[Symbol.asyncDispose]();
    await until(() => probeProcess(sleeper.identity, SELF) === "dead");
    expect(probeProcess(sleeper.identity, SELF)).toBe("dead");
  });

  test("is dead as a zombie: nobody has buried it, and it does nothing any more", async () => {
    const parent = Bun.spawn([process.execPath, "-e", PARENT_THAT_BURIES_LATE], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    const { value } = await parent.stdout.getReader().read();
    const pid = Number(new TextDecoder().decode(value));
    const identity = { ...SELF, pid, startTicks: readStartTicks(pid)! };
    expect(probeProcess(identity, SELF)).toBe("alive");
    process.kill(pid, "SIGKILL");
    await until(() => stateOf(pid) === "Z");
    expect(probeProcess(identity, SELF)).toBe("dead");
    parent.stdin.write("bury\n");
    await parent.stdin.end();
    expect(await parent.exited).toBe(0);
    expect(probeProcess(identity, SELF)).toBe("dead");
  });

  test("is dead when another process, which started later, has its pid", async () => {
    await using sleeper = spawnSleeper();
    const earlier = String(Number(sleeper.identity.startTicks) - 1);
    expect(probeProcess({ ...sleeper.identity, startTicks: earlier }, SELF)).toBe("dead");
  });

  test("is known by its start time, whatever its name holds", async () => {
    // The name stands in brackets before it: 15 characters, any of them.
    const rename = `printf ') Z 1 ) 2 (' > /proc/$$/comm; echo renamed; read line`;
    const child = Bun.spawn(["sh", "-c", rename], { stdin: "pipe", stdout: "pipe", stderr: "ignore" });
    try {
      await child.stdout.getReader().read();
      expect(readFileSync(`/proc/${child.pid}/stat`, "utf8")).toContain("() Z 1 ) 2 (");
      expect(readStartTicks(child.pid)).toMatch(/^\d+$/);
      const identity = { ...SELF, pid: child.pid, startTicks: readStartTicks(child.pid)! };
      expect(probeProcess(identity, SELF)).toBe("alive");
    } finally {
      child.kill("SIGKILL");
      await child.exited;
    }
  });
});

/** Stands still until it is told to go on, and only then hears of its child's end. */
const PARENT_THAT_BURIES_LATE = `
const child = Bun.spawn(["sleep", "61"], { stdin: "ignore", stdout: "ignore" });
require("node:fs").writeSync(1, child.pid + "\\n");
require("node:fs").readSync(0, Buffer.alloc(16));
await child.exited;
`;

describe("nothing is proved", () => {
  const gone = { ...SELF, pid: 4_194_304 + 1 };
  test.each<[string, ProcessIdentity | undefined, ProcessIdentity | undefined]>([
    ["of a process of another boot, though it has no process here", { ...gone, bootId: "another" }, SELF],
    ["of a process of another pid namespace", { ...gone, pidNamespace: "pid:[1]" }, SELF],
    ["of a process that did not tell who it is", undefined, SELF],
    ["by a process that does not know itself", gone, undefined],
  ])("%s", (_what, other, self) => {
    expect(probeProcess(other, self)).toBe("unknown");
  });

  test("but the same without those differences is dead", () => {
    expect(probeProcess(gone, SELF)).toBe("dead");
  });
});

describe("this process", () => {
  test("knows itself as the kernel does", () => {
    expect(SELF).toEqual({
      bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
      pidNamespace: expect.stringMatching(/^pid:\[\d+\]$/),
      pid: process.pid,
      startTicks: readStartTicks(process.pid)!,
    });
  });

  test("is another incarnation at each start, under the same bot id", () => {
    const [first, second] = [ownIdentity("a"), ownIdentity("a")];
    expect(first).toMatchObject({ botId: "a", pid: process.pid, process: SELF });
    expect(first.incarnation).not.toBe(second.incarnation);
  });
});
