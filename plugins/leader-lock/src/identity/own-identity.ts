/** Who this process is, so that others can tell it from a restart and, on the same machine, see whether it lives. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { AgentIdentity, ProcessIdentity } from "../election/lease-record.ts";
import { readStartTicks } from "./process-probe.ts";

/** The identity of this process under `botId`. */
export function ownIdentity(botId: string): AgentIdentity {
  const own = ownProcess();
  return {
    botId,
    incarnation: crypto.randomUUID(),
    host: hostname(),
    pid: process.pid,
    ...(own === undefined ? {} : { process: own }),
  };
}

/** Undefined where the system cannot tell: then nobody can prove this process dead, and its lease has to run out. */
export function ownProcess(): ProcessIdentity | undefined {
  try {
    const startTicks = readStartTicks(process.pid);
    if (startTicks === undefined) return undefined;
    return {
      bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
      pidNamespace: readlinkSync("/proc/self/ns/pid"),
      pid: process.pid,
      startTicks,
    };
  } catch {
    return undefined;
  }
}
