/** Looking at processes that are not our children. */
import { readFile } from "node:fs/promises";

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
