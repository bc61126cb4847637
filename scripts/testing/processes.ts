// What a test run started, found by looking at the system and not by asking the tests. Linux only: other
// systems have no /proc, and there the leftover check finds nothing.
import { dlopen, FFIType } from "bun:ffi";
import { existsSync, readdirSync, readFileSync } from "node:fs";

export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  /** Every test file runs in a session of its own; its id is the process id of that `bun test`. */
  readonly sessionId: number;
  readonly command: string;
}

const PR_SET_CHILD_SUBREAPER = 36;

/**
 * Makes this process the parent of every orphan below it, so that a process which detached itself (double
 * fork, new session, empty environment) is still found. https://man7.org/linux/man-pages/man2/prctl.2.html
 */
export function adoptOrphans(): void {
  if (process.platform !== "linux") return;
  const prctl = {
    args: [FFIType.i32, FFIType.u64, FFIType.u64, FFIType.u64, FFIType.u64],
    returns: FFIType.i32,
  } as const;
  const isMusl = existsSync(`/lib/ld-musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`);
  const libc = dlopen(isMusl ? "libc.so" : "libc.so.6", { prctl });
  libc.symbols.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n);
}

/** All living processes below `ancestorPid`, zombies left out. */
export function descendantsOf(ancestorPid: number): ProcessInfo[] {
  const all = livingProcesses();
  const found: ProcessInfo[] = [];
  const parents = new Set([ancestorPid]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const candidate of all) {
      if (parents.has(candidate.pid) || !parents.has(candidate.parentPid)) continue;
      parents.add(candidate.pid);
      found.push(candidate);
      grew = true;
    }
  }
  return found;
}

/** Ends processes at once; one that has just ended by itself is no problem. */
export function killAll(processes: readonly ProcessInfo[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

function livingProcesses(): ProcessInfo[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((info) => info !== null);
}

/** Fields of /proc/<pid>/stat after the name in brackets: state, parent, process group, session. */
function readProcess(pid: number): ProcessInfo | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { pid, parentPid: Number(parent), sessionId: Number(session), command };
  } catch (error) {
    const hasEnded =
      error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH");
    if (hasEnded) return null;
    throw error;
  }
}
