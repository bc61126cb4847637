/** `oracle-agent localnet`: the local chains of this repository, for development. Not part of a production install. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { silentLogger } from "@jeju-oracle/kit";
import { EXIT_UNAVAILABLE } from "../exit-codes.ts";
import { onStopSignal } from "../signals.ts";

const START_SCRIPT = fileURLToPath(new URL("../../../packages/localnet/src/start.ts", import.meta.url));

/** Runs the localnet in a process of its own and passes signals on. @returns its exit code. */
export async function localnet(args: readonly string[]): Promise<number> {
  if (!existsSync(START_SCRIPT)) {
    process.stderr.write(
      "The localnet is not part of this installation; use a full clone of the repository.\n",
    );
    return EXIT_UNAVAILABLE;
  }
  const child = Bun.spawn([process.execPath, START_SCRIPT, ...args], {
    stdio: ["inherit", "inherit", "inherit"],
  });
  const stopListening = onStopSignal(
    silentLogger,
    (signal) => child.kill(signal),
    () => child.kill("SIGKILL"),
  );
  try {
    return await child.exited;
  } finally {
    stopListening();
  }
}
