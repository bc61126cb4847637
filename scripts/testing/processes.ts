// What a test file started, found by looking at the system and not by asking the test. Linux only: other
// systems have no /proc, and there nothing is found.
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessInfo {
  readonly pid: number;
  readonly command: string;
}

/** Set for every process below a test file, with a value of its own. */
export const MARKER_VARIABLE = "TEST_FILE_MARKER";

/**
 * Living processes (no zombies) that belong to a test file: those of the session that its `bun test` leads,
 * and those that inherited its marker. Only a process with a new session *and* a cleared environment escapes.
 */
export function processesOf(sessionId: number, marker: string): ProcessInfo[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name), sessionId, `${MARKER_VARIABLE}=${marker}`))
    .filter((info) => info !== null);
}

/** Ends processes at once; one that has just ended by itself is no problem. */
export function killAll(processes: readonly ProcessInfo[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!hasCode(error, "ESRCH")) throw error;
    }
  }
}

/** @returns null when the process has ended, or belongs to something else */
function readProcess(pid: number, sessionId: number, markerEntry: string): ProcessInfo | null {
  try {
    // After the name in brackets: state, parent, process group, session.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return null;
    const isOurs =
      Number(session) === sessionId ||
      readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(markerEntry);
    if (!isOurs) return null;
    return { pid, command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() };
  } catch (error) {
    // Ended meanwhile, or another user's process.
    if (hasCode(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return null;
    throw error;
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
