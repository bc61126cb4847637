// Runs a script of this repository on its pinned Bun, on a machine that has only Node 20 and npm:
//   node scripts/with-bun.mjs <script> [arguments]
// Everything that is missing is installed first. The wrapper ends as the script ends: with its exit code
// or by its signal.
import { fileURLToPath } from "node:url";
import { runChild } from "./setup/run-child.mjs";
import { SetupError } from "./setup/setup-error.mjs";
import { ensureToolchain } from "./setup/toolchain.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [script, ...scriptArguments] = process.argv.slice(2);

if (script === undefined) {
  console.error("usage: node scripts/with-bun.mjs <script> [arguments]");
  process.exit(64);
}

try {
  const bun = await ensureToolchain(root);
  // --no-orphans: when this wrapper is killed, Bun ends itself and everything it started.
  await runChild(bun, ["--no-orphans", script, ...scriptArguments]);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
