import { describe, expect, test } from "bun:test";
import { LocalnetInputError } from "../src/errors.ts";
import { parseStartOptions, START_USAGE } from "../src/show/start-options.ts";

describe("options of npm start", () => {
  test("defaults: two agents, nobody killed, until Ctrl-C", () => {
    expect(parseStartOptions([])).toEqual({
      scenario: "random-walk",
      fence: "nonce",
      bots: 2,
      killLeaderAfterS: undefined,
      seconds: undefined,
    });
  });

  test("every option", () => {
    const args = ["--scenario", "crash", "--fence", "contract", "--bots", "5"];
    expect(parseStartOptions([...args, "--kill-leader-after", "20", "--seconds", "90"])).toEqual({
      scenario: "crash",
      fence: "contract",
      bots: 5,
      killLeaderAfterS: 20,
      seconds: 90,
    });
    expect(parseStartOptions(["-h"])).toBeUndefined();
  });

  const wrong: readonly (readonly [string[], string])[] = [
    [["--scenario", "manipulatoin"], "--scenario manipulatoin: must be one of random-walk"],
    [["--fence", "x"], "--fence x: must be one of nonce, contract"],
    [["--bots", "0"], "--bots 0: must be a whole number from 1 to 5"],
    [["--bots", "6"], "--bots 6: must be a whole number from 1 to 5"],
    [["--seconds", "abc"], "--seconds abc: must be a whole number from 1 to 999999"],
    [["--seconds", "0"], "--seconds 0: must be a whole number"],
    [["--seconds"], "--seconds"],
    [["--kill-leader-after", "1.5"], "--kill-leader-after 1.5: must be a whole number"],
    [["--kill-leader-after", "9", "--seconds", "9"], "--kill-leader-after 9: must be less than --seconds 9"],
    [["--bogus"], "--bogus"],
    [["crash", "2"], "npm needs `--` before the options"],
  ];
  for (const [args, message] of wrong) {
    test(`${args.join(" ")}: names what is wrong and shows the usage`, () => {
      const error = thrownBy(() => parseStartOptions(args));
      expect(error).toBeInstanceOf(LocalnetInputError);
      expect((error as LocalnetInputError).message).toContain(message);
      expect((error as LocalnetInputError).nextStep).toBe(START_USAGE);
    });
  }
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
