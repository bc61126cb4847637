/**
 * Whether another process of this machine is dead or alive, as a proof and not as a guess: same boot, same pid namespace, and
 * either no process with its pid, or one that started at another time, or a zombie. Everything else is "unknown".
 */
import { readFileSync } from "node:fs";
import type { ProcessIdentity } from "../election/lease-record.ts";

export type Liveness = "dead" | "alive" | "unknown";

/** @param self the asking process; undefined when it does not know itself. */
export function probeProcess(
  other: ProcessIdentity | undefined,
  self: ProcessIdentity | undefined,
): Liveness {
  if (other === undefined || self === undefined) return "unknown";
  if (other.bootId !== self.bootId || other.pidNamespace !== self.pidNamespace) return "unknown";
  if (!existsByKernel(other.pid)) return "dead";
  try {
    const startTicks = readStartTicks(other.pid);
    if (startTicks === undefined) return "dead";
    return startTicks === other.startTicks ? "alive" : "dead";
  } catch {
    // /proc may hide the processes of other users (hidepid): what cannot be read is not proved.
    return "unknown";
  }
}

/**
 * Start time of a process in clock ticks after boot; undefined for a zombie or a process that has just gone.
 * @throws when /proc does not tell.
 */
export function readStartTicks(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // proc(5): the name stands in brackets and may hold any character; state is field 3, the start time field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  return state === "Z" || state === "X" ? undefined : fields[19];
}

function existsByKernel(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
