/** `npm run bench [-- WORD…]`: runs every benchmark whose file name contains one of the words, one after the other. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

const words = process.argv.slice(2);
const files = readdirSync(import.meta.dir)
  .filter((name) => name.endsWith(".bench.ts"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort();

if (files.length === 0) {
  console.error(`no benchmark is called like ${words.join(" or ")}; see bench/README.md`);
  process.exit(64);
}

let failed = 0;
for (const file of files) {
  console.log(`\n── ${file.replace(".bench.ts", "")}`);
  const child = Bun.spawn([process.execPath, "--no-orphans", join(import.meta.dir, file)], {
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  if ((await child.exited) !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
