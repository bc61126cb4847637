import { expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { allowedSkips } from "../allowed-skips.ts";
import { manifests, readText, root } from "./support/repository.ts";

const manifest = JSON.parse(readText("package.json"));

test("one version of Bun is pinned, and everything runs on it", () => {
  const version = JSON.parse(readText("tools/bun/package.json")).dependencies.bun;
  expect(manifest.packageManager).toBe(`bun@${version}`);
  expect(JSON.parse(readText("tools/bun/package-lock.json")).packages["node_modules/bun"].version).toBe(
    version,
  );
  expect(Bun.version).toBe(version);
});

test("every script runs through with-bun, which needs only Node and npm", () => {
  const wrong = Object.entries<string>(manifest.scripts).filter(
    ([, command]) => !command.startsWith("node scripts/with-bun.mjs "),
  );
  expect(wrong).toEqual([]);
});

test("every script of package.json starts a file that exists", () => {
  const missing = Object.entries<string>(manifest.scripts).filter(
    ([, command]) => !existsSync(join(root, command.split(" ")[2] ?? "")),
  );
  expect(missing).toEqual([]);
});

test(".ci/run calls npm test and can be executed", () => {
  expect(readText(".ci/run")).toMatch(/^npm test\b/m);
  expect(statSync(join(root, ".ci/run")).mode & 0o111).not.toBe(0);
});

test("no install script of a package has to run", () => {
  expect(manifest.trustedDependencies ?? []).toEqual([]);
  expect(
    manifests().flatMap((one) =>
      Object.keys(one.scripts ?? {}).filter((name) => /^(pre|post)?install$|^prepare$/.test(name)),
    ),
  ).toEqual([]);
});

test("every allowed skip names a test file that exists and a reason", () => {
  expect(
    allowedSkips.filter((skip) => !existsSync(join(root, skip.file)) || skip.reason.length < 20),
  ).toEqual([]);
});
