import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { configurationPage } from "../../scripts/configuration-page.ts";

test("docs/configuration.md says what the code parses (npm run configuration-page writes it)", () => {
  const page = readFileSync(join(resolve(import.meta.dir, "../.."), "docs/configuration.md"), "utf8");
  expect(page).toBe(configurationPage());
});
