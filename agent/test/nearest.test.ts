import { describe, expect, test } from "bun:test";
import { nearest } from "../src/nearest.ts";

const COMMANDS = ["run", "check-config", "localnet"];

describe("nearest", () => {
  test("finds the word behind a typo: missing, extra, wrong or swapped letters", () => {
    expect(nearest("rn", COMMANDS)).toBe("run");
    expect(nearest("runn", COMMANDS)).toBe("run");
    expect(nearest("rnu", COMMANDS)).toBe("run");
    expect(nearest("chekc-config", COMMANDS)).toBe("check-config");
  });

  test("suggests nothing when no word is close", () => {
    expect(nearest("deploy", COMMANDS)).toBeUndefined();
    expect(nearest("", COMMANDS)).toBeUndefined();
    expect(nearest("run", [])).toBeUndefined();
  });

  test("heeds a limit on the number of slips", () => {
    expect(nearest("ORACLE_ADRES", ["ORACLE_ADDRESS"], 1)).toBeUndefined();
    expect(nearest("ORACLE_ADRES", ["ORACLE_ADDRESS"], 2)).toBe("ORACLE_ADDRESS");
  });
});
