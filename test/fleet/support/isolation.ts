/** What makes an agent on this machine look as if it ran on another one: nobody can prove its process dead. */
import type { Wrapper } from "./agent.ts";

const AS_ROOT = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
const AS_USER = ["unshare", "--user", "--map-root-user", ...AS_ROOT.slice(1)];

const command = [AS_ROOT, AS_USER].find((wrapper) => succeeds([...wrapper, "true"]));

/** Runs an agent in a pid namespace of its own; null where the machine does not allow it. */
export const otherHost: Wrapper | null = command === undefined ? null : { command, forks: true };

function succeeds(command: readonly string[]): boolean {
  return Bun.which(command[0] ?? "") !== null && Bun.spawnSync([...command]).success;
}
