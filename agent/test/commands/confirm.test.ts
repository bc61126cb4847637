import { describe, expect, test } from "bun:test";
import { BaseError } from "@jeju-oracle/kit";
import { UsageError } from "../../src/command-line/usage-error.ts";
import { confirm } from "../../src/commands/support/confirm.ts";
import { FakeTerminal, inputOf } from "./support/fake-session.ts";

const ASKS = inputOf("resume", "--reason", "done");
const interrupted = new AbortController().signal;

async function outcome(terminal: FakeTerminal, input = ASKS): Promise<unknown> {
  try {
    await confirm(input, { terminal, interrupted }, "This changes all.");
    return "confirmed";
  } catch (error) {
    return error;
  }
}

describe("a person", () => {
  test("is asked with what would happen, and confirms with y or yes", async () => {
    for (const answer of ["y", "Y", "yes", " YES "]) {
      const terminal = new FakeTerminal(answer);
      expect(await outcome(terminal)).toBe("confirmed");
      expect(terminal.questions).toEqual(["This changes all. Continue? [y/N] "]);
    }
  });

  test("declines with anything else, and by saying nothing", async () => {
    for (const answer of ["n", "", "yep", "no y", undefined]) {
      const error = await outcome(new FakeTerminal(answer));
      expect(error).toBeInstanceOf(BaseError);
      expect(error).toMatchObject({ code: "declined", nextStep: "Nothing was changed." });
    }
  });

  test("who is not there has to have said --yes", async () => {
    const terminal = new FakeTerminal("y");
    terminal.interactive = false;
    const error = await outcome(terminal);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ nextStep: expect.stringContaining("Add --yes") });
    expect(await outcome(terminal, inputOf("resume", "--reason", "done", "--yes"))).toBe("confirmed");
    expect(terminal.questions).toEqual([]);
  });
});
