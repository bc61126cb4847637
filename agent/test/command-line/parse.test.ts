import { describe, expect, test } from "bun:test";
import type { Command } from "../../src/command-line/command.ts";
import { parseWords } from "../../src/command-line/parse.ts";
import { UsageError } from "../../src/command-line/usage-error.ts";

const COMMAND: Command = {
  about: "For tests.",
  arguments: [
    { name: "BOT", about: "A member.", required: true },
    { name: "VALUE", about: "A value.", required: false },
  ],
  options: {
    reason: { value: "TEXT", about: "Why.", required: true },
    to: { value: "BOT", about: "Whom." },
    yes: { about: "Do not ask." },
  },
  run: async () => 0,
};

function parse(...words: readonly string[]) {
  const parsed = parseWords("move", COMMAND, words);
  return parsed.kind === "help" ? "help" : parsed.input;
}

function problem(...words: readonly string[]): string {
  try {
    parse(...words);
  } catch (error) {
    if (error instanceof UsageError) return `${error.message} | ${error.nextStep}`;
    throw error;
  }
  return "no problem";
}

describe("a command line", () => {
  test("is read in any order, with values as a word of their own or behind an equals sign", () => {
    for (const words of [
      ["bot-1", "--reason", "kernel update", "--yes", "--to", "bot-2"],
      ["--to=bot-2", "--yes", "--reason=kernel update", "bot-1"],
    ]) {
      const input = parse(...words);
      if (input === "help") throw new Error("it asks for no help");
      expect(input.arguments).toEqual(["bot-1"]);
      expect([input.value("reason"), input.value("to")]).toEqual(["kernel update", "bot-2"]);
      expect([input.has("yes"), input.has("to"), input.has("json")]).toEqual([true, true, false]);
    }
  });

  test("asks for help with --help or -h, whatever else is wrong with it", () => {
    expect(parse("--help")).toBe("help");
    expect(parse("-h", "--nonsense")).toBe("help");
  });

  test("keeps a value that begins with dashes only when it cannot be an option that was meant", () => {
    const input = parse("bot-1", "--reason=--to", "--to", "-x");
    expect(input === "help" ? [] : [input.value("reason"), input.value("to")]).toEqual(["--to", "-x"]);
    expect(problem("bot-1", "--reason", "--yes")).toContain("--reason needs a value: --reason TEXT");
  });

  test("is refused for an unknown option, with the one that was probably meant", () => {
    expect(problem("bot-1", "--resaon", "x")).toBe("move has no option --resaon | Did you mean reason?");
    expect(problem("bot-1", "--wherever")).toContain("oracle-agent move --help");
    expect(problem("bot-1", "-x")).toContain("move has no option -x");
    expect(problem("bot-1", "--constructor")).toContain("has no option --constructor");
  });

  test("is refused for a value that is missing, empty, not wanted or given twice", () => {
    expect(problem("bot-1", "--reason")).toContain("--reason needs a value");
    expect(problem("bot-1", "--reason=")).toContain("--reason needs a value");
    expect(problem("bot-1", "--reason", "x", "--yes=no")).toContain("--yes takes no value");
    expect(problem("bot-1", "--reason", "x", "--reason", "y")).toContain("--reason is given twice");
  });

  test("is refused when something that is required is missing, or there is a word too many", () => {
    expect(problem("--reason", "x")).toContain("BOT is missing: A member.");
    expect(problem("bot-1")).toContain("--reason TEXT is missing: Why.");
    expect(problem("bot-1", "3", "4", "--reason", "x")).toContain("move takes no argument 4");
  });
});
