import { describe, expect, test } from "bun:test";
import { dirname, join, normalize } from "node:path";
import { importsIn, importsOf } from "./support/imports.ts";
import { isTestCode, sourceFiles } from "./support/repository.ts";

/** The parts of the house (see AGENTS.md) and what each may import beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kit: [],
  contracts: [],
  "oracle-updater": ["kit", "contracts"],
  "leader-lock": ["kit", "contracts"],
  "alerts-chat": ["kit", "contracts"],
  localnet: ["kit", "contracts"],
  agent: ["kit", "contracts", "oracle-updater", "leader-lock", "alerts-chat", "characters"],
  characters: ["kit"],
};

const FOLDERS: readonly (readonly [prefix: string, part: string])[] = [
  ["packages/kit/", "kit"],
  ["packages/localnet/", "localnet"],
  ["contracts/", "contracts"],
  ["plugins/oracle-updater/", "oracle-updater"],
  ["plugins/leader-lock/", "leader-lock"],
  ["plugins/alerts-chat/", "alerts-chat"],
  ["agent/", "agent"],
  ["characters/", "characters"],
];

/** Personas are plain files beside the packages. */
const FOLDERS_WITHOUT_PACKAGE: readonly string[] = ["characters"];

function partOfFile(file: string): string | null {
  return FOLDERS.find(([prefix]) => file.startsWith(prefix))?.[1] ?? null;
}

/** The part that an import leads to; null for packages from outside and for files that belong to no part. */
function partOfImport(importer: string, specifier: string): string | null {
  if (specifier.startsWith("@jeju-oracle/")) {
    return (specifier.split("/")[1] ?? "").replace(/^plugin-/, "");
  }
  return specifier.startsWith(".") ? partOfFile(fileOfImport(importer, specifier)) : null;
}

function fileOfImport(importer: string, specifier: string): string {
  return normalize(join(dirname(importer), specifier));
}

/** What runs in production; the compiler and the fuzzers beside contracts/artifacts do not. */
function productionFiles(): string[] {
  return sourceFiles().filter(
    (file) => !isTestCode(file) && partOfFile(file) !== null && file !== "contracts/compile.ts",
  );
}

test("production code imports only in the direction kit <- plugins <- agent", () => {
  const wrong = productionFiles().flatMap((file) => {
    const own = partOfFile(file) ?? "";
    const allowed = [own, ...(MAY_IMPORT[own] ?? [])];
    return importsOf(file)
      .filter((specifier) => {
        const part = partOfImport(file, specifier);
        return part !== null && !allowed.includes(part);
      })
      .map((specifier) => `${file} imports ${specifier}; ${own} may import ${allowed.join(", ")}`);
  });
  expect(wrong).toEqual([]);
});

test("nothing that runs in production imports localnet or a test", () => {
  const wrong = productionFiles()
    .filter((file) => partOfFile(file) !== "localnet")
    .flatMap((file) =>
      importsOf(file)
        .filter(
          (specifier) =>
            partOfImport(file, specifier) === "localnet" ||
            (specifier.startsWith(".") && isTestCode(fileOfImport(file, specifier))) ||
            /\/testing(\/|$)/.test(specifier),
        )
        .filter(() => !/\/testing\//.test(file))
        .map((specifier) => `${file} imports ${specifier}`),
    );
  expect(wrong).toEqual([]);
});

test("packages meet through their entry points, not through relative paths", () => {
  const wrong = productionFiles().flatMap((file) =>
    importsOf(file)
      .filter((specifier) => specifier.startsWith("."))
      .filter((specifier) => !FOLDERS_WITHOUT_PACKAGE.includes(partOfImport(file, specifier) ?? ""))
      .filter((specifier) => partOfImport(file, specifier) !== partOfFile(file))
      .map((specifier) => `${file} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
});

test("every package of the workspace has a place in the direction", () => {
  expect(Object.keys(MAY_IMPORT).sort()).toEqual([...new Set(FOLDERS.map(([, part]) => part))].sort());
  const homeless = sourceFiles().filter(
    (file) => /^(agent|packages|plugins|contracts)\//.test(file) && partOfFile(file) === null,
  );
  expect(homeless).toEqual([]);
});

describe("the import reader sees", () => {
  const seen = {
    'import a from "m";': ["m"],
    'import type { A } from "m";': ["m"],
    'import { type A } from "m";': ["m"],
    'export type { A } from "m";': ["m"],
    'export * from "m";': ["m"],
    'type A = import("m").A; export const a: A = 1;': ["m"],
    'export const a = await import("m");': ["m"],
    'export const a = require("m");': ["m"],
    "export const a = \"import b from 'm'\";": [],
  };
  for (const [source, modules] of Object.entries(seen)) {
    test(source, () => expect(importsIn(source)).toEqual(modules));
  }
});
