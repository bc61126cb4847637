import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { helpOf, overview } from "../../src/command-line/help.ts";
import { parseWords } from "../../src/command-line/parse.ts";
import { COMMANDS } from "../../src/commands/catalogue.ts";

/** Words as a shell would pass them. */
function shellWords(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}

describe("help", () => {
  test("the overview names every command", () => {
    const page = overview(COMMANDS);
    for (const [name, { about }] of Object.entries(COMMANDS)) {
      expect(page).toMatch(new RegExp(`^  ${name} +${RegExp.escape(about)}$`, "m"));
    }
  });

  for (const [name, command] of Object.entries(COMMANDS)) {
    test(`of ${name} tells every argument and option, in at most 100 columns`, () => {
      const page = helpOf(name, command);
      for (const { name: argument } of command.arguments ?? []) expect(page).toContain(`  ${argument} `);
      for (const option of Object.keys(command.options ?? {})) expect(page).toContain(`  --${option} `);
      for (const line of page.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    });

    const { example } = command;
    if (example === undefined) continue;
    test(`of ${name} gives an example that is understood`, () => {
      const [first, ...words] = shellWords(example);
      expect(first).toBe(name);
      expect(parseWords(name, command, words).kind).toBe("run");
      expect(helpOf(name, command)).toContain(`Example: oracle-agent ${example}`);
    });
  }

  test("every command line of the README is understood, and none is missing there", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const lines = [...readme.matchAll(/`oracle-agent ([a-z-]+[^`]*)`/g)].map(([, words = ""]) =>
      shellWords(words),
    );
    for (const [name = "", ...words] of lines) {
      const command = COMMANDS[name];
      if (command === undefined) throw new Error(`the README names an unknown command ${name}`);
      expect(parseWords(name, command, words).kind).toBe("run");
    }
    expect([...new Set(lines.map(([name]) => name))].sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  test("puts what must be given outside brackets", () => {
    expect(helpOf("failover", COMMANDS.failover!)).toContain(
      "Usage: oracle-agent failover [--to BOT] --reason TEXT [--by NAME] [--yes] [--json]",
    );
    expect(helpOf("restart", COMMANDS.restart!)).toContain("Usage: oracle-agent restart BOT --reason TEXT");
  });
});
