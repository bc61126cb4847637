import { spawn } from "node:child_process";
import { showProgress } from "./progress.mjs";
import { SetupError } from "./setup-error.mjs";

const STEP_DEADLINE_MS = 10 * 60_000;
const KEPT_OUTPUT_CHARS = 4_000;

/**
 * Runs one command of the set-up with live progress. Its output is shown only when it fails.
 *
 * @param {{ title: string, command: string, arguments: string[], directory: string, onFailure: string }} step
 * @returns {Promise<void>}
 * @throws {SetupError} when the command cannot be started, fails or takes longer than ten minutes
 */
export async function runStep(step) {
  const progress = showProgress(step.title);
  const child = spawn(step.command, step.arguments, {
    cwd: step.directory,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: STEP_DEADLINE_MS,
    // The inner npm must not take this run's npm settings (such as `--prefix` or `--silent`) for its own.
    env: Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) =>
          !/^npm_config_(prefix|local_prefix|global_prefix|loglevel|ignore_scripts|omit)$/i.test(name),
      ),
    ),
  });
  // Ending the wrapper must not leave an install running that another command would then collide with.
  const endChild = () => child.kill("SIGTERM");
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  /** @type {NodeJS.Signals | null} */
  let interruptedBy = null;
  const interrupt = (/** @type {NodeJS.Signals} */ signal) => {
    interruptedBy = signal;
    endChild();
  };
  for (const signal of signals) process.on(signal, interrupt);

  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output = (output + text).slice(-KEPT_OUTPUT_CHARS);
    });
  }
  const problem = await new Promise((/** @type {(problem: string | null) => void} */ resolve) => {
    child.on("error", (error) => resolve(`${step.command} could not be started: ${error.message}`));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(null);
      else if (signal !== null)
        resolve(`it was ended by ${signal} (the limit is ${STEP_DEADLINE_MS / 60_000} minutes)`);
      else resolve(`exit code ${code}`);
    });
  });
  for (const signal of signals) process.off(signal, interrupt);

  if (interruptedBy !== null) {
    progress.fail("interrupted");
    process.kill(process.pid, interruptedBy);
    return;
  }
  if (problem === null) return progress.succeed();
  progress.fail(problem);
  throw new SetupError(`${output.trim()}\n\n${step.onFailure}\n${adviceFor(output)}`);
}

/** @param {string} output of the failed command */
function adviceFor(output) {
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ConnectionRefused|FailedToOpenSocket|ConnectionClosed|network|registry/i.test(
      output,
    )
  ) {
    return "The package registry could not be reached. Check the network and the proxy settings of npm, then run the command again: it goes on where it stopped.";
  }
  if (/ENOSPC|NoSpaceLeft/i.test(output)) return "The disk is full: about 700 MB are needed.";
  if (/EACCES|EPERM/i.test(output)) return "The checkout is not writable for this user.";
  return "Run the command again: it goes on where it stopped.";
}
