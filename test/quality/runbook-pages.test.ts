import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runbookPages } from "../../scripts/runbook-pages.ts";

const FOLDER = join(resolve(import.meta.dir, "../.."), "docs/runbooks");

test("docs/runbooks says what chat and command line run (npm run runbooks writes it)", () => {
  const written = Object.fromEntries(
    readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]),
  );
  expect(written).toEqual({ ...runbookPages() });
});
