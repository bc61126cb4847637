/** Looking at processes that are not our children. */
import { readdir, readFile } from "node:fs/promises";

/** False once the process is gone, or only its exit status is left. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) Z /.test(stat);
}

/** Waits until `condition` holds. For states of other processes, which announce nothing. */
export async function eventually(what: string, condition: () => Promise<boolean>, deadlineMs = 5_000) {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await Bun.sleep(10);
  }
}

/** Pids of this process's living children (empty where /proc does not tell). */
export async function childProcesses(): Promise<number[]> {
  const tasks = await readdir("/proc/self/task").catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/self/task/${task}/children`, "utf8").catch(() => "")),
  );
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number)).sort((a, b) => a - b);
}
