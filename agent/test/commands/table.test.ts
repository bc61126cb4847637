import { describe, expect, test } from "bun:test";
import { type Column, formatTable, paint, plainText } from "../../src/commands/support/table.ts";

const COLUMNS: readonly Column[] = [{ title: "NAME" }, { title: "N", align: "right" }, { title: "WHY" }];

describe("a table", () => {
  test("is as wide as its widest cells, numbers to the right, nothing behind the last column", () => {
    const rows = [
      [{ text: "a" }, { text: "1" }, { text: "because" }],
      [{ text: "longer" }, { text: "1000" }, { text: "" }],
    ];
    expect(formatTable(COLUMNS, rows, false)).toEqual([
      "NAME       N  WHY",
      "a          1  because",
      "longer  1000",
    ]);
  });

  test("keeps its columns in colour, and has no escape without", () => {
    const rows = [[{ text: "a", colour: "red" as const }, { text: "1" }, { text: "x" }]];
    expect(formatTable(COLUMNS, rows, true)).toEqual([
      "\u001b[2mNAME\u001b[0m  \u001b[2mN\u001b[0m  \u001b[2mWHY\u001b[0m",
      "\u001b[31ma\u001b[0m     1  x",
    ]);
    expect(formatTable(COLUMNS, rows, false).join("")).not.toContain("\u001b");
    expect(paint({ text: "", colour: "red" }, true)).toBe("");
  });

  test("fills a row that is too short", () => {
    expect(formatTable(COLUMNS, [[{ text: "a" }]], false)[1]).toBe("a");
  });
});

test("foreign text loses control characters, line breaks and what is too long", () => {
  expect(plainText("a\u001b[2Jb\r\nc\u0007  d\u200e")).toBe("a [2Jb c d");
  expect(plainText("x".repeat(300), 10)).toBe("xxxxxxxxx…");
  expect(plainText("short", 5)).toBe("short");
});
