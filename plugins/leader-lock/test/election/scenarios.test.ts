/**
 * The transcripts in scenarios/ are what happens. After an intended change of behaviour rewrite them, and review the difference:
 *
 *     REWRITE_SCENARIOS=1 npm test -- plugins/leader-lock/test/election/scenarios.test.ts
 */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rerun } from "./support/scenario.ts";

const FOLDER = join(import.meta.dir, "scenarios");
const files = readdirSync(FOLDER).sort();

test("there are transcripts", () => expect(files.length).toBeGreaterThanOrEqual(8));

for (const file of files) {
  test(`${file} is what happens`, () => {
    const path = join(FOLDER, file);
    const transcript = readFileSync(path, "utf8");
    const happened = rerun(transcript);
    if (process.env.REWRITE_SCENARIOS !== undefined) writeFileSync(path, happened);
    else expect(happened).toBe(transcript);
  });
}
