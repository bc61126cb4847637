import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const PARENT_CHECK_EVERY_MS = 1_000;

/**
 * Runs a command with this process's terminal and ends as it ends: with its exit code or by its signal.
 *
 * The child hears every signal once. Ctrl-C and a hang-up reach the whole foreground group of a terminal, the
 * child included, so they are passed on only when this process is not in that group; SIGTERM always is. npm
 * passes Ctrl-C on a second time, hence "once".
 *
 * When npm started us and npm is killed, nobody is left to stop the child: it is then asked to end.
 *
 * @param {string} command
 * @param {string[]} commandArguments
 * @returns {Promise<void>}
 */
export async function runChild(command, commandArguments) {
  const child = spawn(command, commandArguments, { stdio: "inherit" });
  const passedOn = new Set();
  const passOn = (/** @type {NodeJS.Signals} */ signal) => {
    if (passedOn.has(signal)) return;
    passedOn.add(signal);
    if (signal === "SIGTERM" || !terminalSignalsReachChild()) child.kill(signal);
  };
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  for (const signal of signals) process.on(signal, passOn);
  const parent = process.ppid;
  const parentCheck = setInterval(() => {
    if (process.env.npm_lifecycle_event !== undefined && process.ppid !== parent) passOn("SIGTERM");
  }, PARENT_CHECK_EVERY_MS);

  /** @type {{ code: number | null, signal: NodeJS.Signals | null }} */
  const end = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  clearInterval(parentCheck);
  for (const signal of signals) process.off(signal, passOn);
  if (end.signal !== null) process.kill(process.pid, end.signal);
  process.exitCode = end.code ?? 1;
}

/**
 * Whether a signal that the terminal sends to this process goes to the child as well: both are in the
 * terminal's foreground group. On Linux /proc tells (fields 5 and 8: own group, the terminal's foreground
 * group, -1 without a terminal); elsewhere a terminal on stdin is taken for it.
 */
function terminalSignalsReachChild() {
  if (process.platform !== "linux") return process.stdin.isTTY === true;
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[2] === fields[5];
}
