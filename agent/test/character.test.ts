import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@jeju-oracle/kit";
import { loadCharacter } from "../src/character.ts";
import { choosePlugins } from "../src/choose-plugins.ts";
import { pluginCatalogue } from "../src/plugin-catalogue.ts";

const directory = mkdtempSync(join(tmpdir(), "agent-character-"));
afterAll(() => rmSync(directory, { recursive: true }));

function file(content: unknown): string {
  const path = join(directory, `${crypto.randomUUID()}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function problems(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const { variable } of error.problems) expect(variable).toBe("CHARACTER_FILE");
      return error.problems.map(({ problem }) => problem);
    }
    throw error;
  }
  return [];
}

const PLUGINS = pluginCatalogue.map(({ packageName }) => packageName);

describe("the built-in character", () => {
  test("names every plugin of the catalogue, and holds no settings and no secrets", () => {
    const character = loadCharacter(undefined);
    expect(choosePlugins(character, pluginCatalogue)).toEqual(pluginCatalogue);
    expect(character.settings).toBeUndefined();
    expect(character.secrets).toBeUndefined();
  });

  test("is a fresh copy each time: elizaOS writes into it", () => {
    expect(loadCharacter(undefined)).not.toBe(loadCharacter(undefined));
  });
});

describe("CHARACTER_FILE", () => {
  test("gives another persona", () => {
    const path = file({ name: "Nightwatch", bio: ["calm"], plugins: PLUGINS });
    expect(loadCharacter(path)).toEqual({ name: "Nightwatch", bio: ["calm"], plugins: PLUGINS });
  });

  test("is refused when it holds settings, secrets or anything unknown", () => {
    const base = { name: "x", bio: "y", plugins: PLUGINS };
    for (const extra of [{ secrets: { KEY: "v" } }, { settings: {} }, { knowledge: ["/etc"] }]) {
      expect(problems(() => loadCharacter(file({ ...base, ...extra })))).toHaveLength(1);
    }
  });

  test("tells each wrong field", () => {
    const told = problems(() => loadCharacter(file({ name: 7, bio: "y", plugins: [] })));
    expect(told.some((problem) => problem.startsWith("name: "))).toBe(true);
    expect(told.some((problem) => problem.startsWith("plugins: "))).toBe(true);
  });

  test("is a problem, not an exception, when it is missing, no JSON or too large", () => {
    expect(problems(() => loadCharacter(join(directory, "absent.json")))[0]).toContain("ENOENT");
    expect(problems(() => loadCharacter(file("{")))[0]).toContain("cannot be read as JSON");
    expect(problems(() => loadCharacter(file("x".repeat(300_000))))[0]).toContain("larger than");
  });

  test("cannot leave out an essential plugin or name an unknown one", () => {
    const choose = (plugins: string[]) =>
      problems(() => choosePlugins({ name: "x", bio: "y", plugins }, pluginCatalogue));
    expect(choose(["@jeju-oracle/plugin-leader-lock", "@jeju-oracle/plugin-oracle-updatr"])).toEqual([
      "plugins names an unknown plugin @jeju-oracle/plugin-oracle-updatr; did you mean @jeju-oracle/plugin-oracle-updater?",
      "plugins must include @jeju-oracle/plugin-oracle-updater",
    ]);
    expect(choose(PLUGINS.filter((name) => !name.includes("alerts")))).toEqual([]);
  });
});
