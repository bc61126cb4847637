import { describe, expect, test } from "bun:test";
import { type Manifest, manifests, readText } from "./support/repository.ts";

const REGISTER = "docs/decisions/dependencies.md";

const FIELDS = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] as const;

interface Dependency {
  readonly manifest: Manifest;
  readonly name: string;
  readonly version: string;
}

function directDependencies(): Dependency[] {
  return manifests().flatMap((manifest) =>
    FIELDS.flatMap((field) => Object.entries(manifest[field] ?? {})).map(([name, version]) => ({
      manifest,
      name,
      version,
    })),
  );
}

/** Rows of the register: the package in the first cell, its reason in the second. */
function register(): Map<string, string> {
  const rows = readText(REGISTER).matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm);
  return new Map([...rows].map(([, name = "", reason = ""]) => [name, reason.trim()]));
}

const isOwn = (name: string) => name.startsWith("@jeju-oracle/");

test("every version is exact", () => {
  const loose = directDependencies()
    .filter(({ name, version }) =>
      isOwn(name) ? version !== "workspace:*" : !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    )
    .map(({ manifest, name, version }) => `${manifest.file}: ${name} ${version}`);
  expect(loose).toEqual([]);
});

test("one package has one version in the whole workspace", () => {
  const versions = new Map<string, Set<string>>();
  for (const { name, version } of directDependencies()) {
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  const several = [...versions]
    .filter(([, set]) => set.size > 1)
    .map(([name, set]) => `${name}: ${[...set].join(", ")}`);
  expect(several).toEqual([]);
});

describe(REGISTER, () => {
  const outside = [...new Set(directDependencies().map(({ name }) => name))]
    .filter((name) => !isOwn(name))
    .sort();

  test("gives a reason for every direct dependency", () => {
    const rows = register();
    expect(outside.filter((name) => (rows.get(name) ?? "").length < 10)).toEqual([]);
  });

  test("lists nothing that is no longer a dependency", () => {
    expect([...register().keys()].filter((name) => !outside.includes(name))).toEqual([]);
  });

  test("explains every override", () => {
    const overridden = manifests().flatMap((manifest) => Object.keys(manifest.overrides ?? {}));
    expect(overridden.filter((name) => !readText(REGISTER).includes(`\`${name}\``))).toEqual([]);
  });
});

test("bun.lock is the lock of these manifests", () => {
  const lock = readText("bun.lock");
  const missing = directDependencies()
    .filter(({ manifest, name }) => !isOwn(name) && !manifest.file.startsWith("tools/"))
    .filter(({ name, version }) => !lock.includes(`"${name}@${version}"`))
    .map(({ manifest, name, version }) => `${manifest.file}: ${name}@${version} (run bun install)`);
  expect(missing).toEqual([]);
});
