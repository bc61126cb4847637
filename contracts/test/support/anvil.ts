/**
 * A private anvil for one test file: the real binary (no wrapper that could orphan it), on a port it picks itself. It
 * mines only when told to and keeps the order in which transactions came, so every block is the test's own doing.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const START_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 5_000;

export interface Anvil {
  readonly url: string;
  stop(): Promise<void>;
}

/** @throws Error with anvil's own output when it exits or does not listen within ten seconds. */
export async function startAnvil(): Promise<Anvil> {
  const args = ["--host", "127.0.0.1", "--port", "0", "--no-mining", "--order", "fifo"];
  const child = spawn(anvilBinary(), args, { stdio: ["ignore", "pipe", "pipe"] });
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  try {
    const address = await listeningAddress(child);
    return {
      url: `http://${address}`,
      stop: async () => {
        await stopProcess(child);
        process.off("exit", endWithUs);
      },
    };
  } catch (error) {
    await stopProcess(child);
    throw error;
  }
}

function anvilBinary(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const wrapper = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
  const packageName = `@foundry-rs/anvil-${process.platform}-${architecture}`;
  const packageFile = createRequire(wrapper).resolve(`${packageName}/package.json`);
  return join(dirname(packageFile), "bin", process.platform === "win32" ? "anvil.exe" : "anvil");
}

function listeningAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (reason: string) => reject(new Error(`anvil ${reason}:\n${output}`));
    const deadline = setTimeout(
      () => fail(`did not listen within ${START_DEADLINE_MS} ms`),
      START_DEADLINE_MS,
    );
    const read = (chunk: Buffer) => {
      // The address is the last thing anvil prints at start; after it the pipes are only drained.
      if (output.includes("Listening on")) return;
      output += chunk.toString();
      const address = /Listening on (\S+:\d+)\s/.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(deadline);
      resolve(address);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => {
      clearTimeout(deadline);
      fail(`exited with ${code}`);
    });
    child.once("error", (error) => {
      clearTimeout(deadline);
      fail(`could not be started: ${error.message}`);
    });
  });
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  const lastResort = setTimeout(() => child.kill("SIGKILL"), STOP_DEADLINE_MS);
  child.kill("SIGTERM");
  await exited;
  clearTimeout(lastResort);
}
