/** Stopping a process by signal, and knowing when it has stopped. */
import { readdir, readFile } from "node:fs/promises";
import { DeadlineError } from "@jeju-oracle/kit";

const STOP_DEADLINE_MS = 2_000;
const POLL_MS = 1;

/**
 * Sends SIGSTOP and returns when every thread has stopped: kill(2) returns earlier, and a thread that still runs could
 * answer one more request. Where there is no /proc it returns at once.
 * @throws {DeadlineError} when a thread still runs after 2 s.
 */
export async function stopBySignal(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  if (process.platform !== "linux") return;
  const endMs = performance.now() + STOP_DEADLINE_MS;
  while (!(await allThreadsStopped(pid))) {
    if (performance.now() > endMs) throw new DeadlineError(`SIGSTOP of process ${pid}`, STOP_DEADLINE_MS);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** True also when the process has gone meanwhile: it will not answer either. */
async function allThreadsStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const states = await Promise.all(
    threads.map(async (thread) => {
      const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8").catch(() => "");
      // "pid (name) state ...": the name may hold anything, so the state is found behind its last bracket.
      return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
    }),
  );
  return states.every((state) => state === "T" || state === "");
}
