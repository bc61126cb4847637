import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { splitLines } from "../../../src/channels/discord/split.ts";
import { plainLine, type Span } from "../../../src/conversation/outbound.ts";
import { visibleText } from "./visible-text.ts";

const NASTY = [
  "*bold* **x** _it_ __u__ ~~s~~ ||spoiler|| `code` ```block```",
  "# heading",
  "-# small",
  "> quote",
  ">>> all of it",
  "- item",
  "* item",
  "+ item",
  "1. first",
  "@everyone @here <@123> <@&456> <#789> <t:1:R> </status:1> <:x:1> <a:x:1>",
  "[a link](https://example.com) :smile: :100: 12:30:45",
  "RPC_URL_A=https://a_b.example/x_y*z?k=v#f",
  "C:\\dir\\ and \\* and a\\",
  "https://example.com/path, (https://example.com/b)",
  "<https://example.com>",
  "a`b and ``c``",
];

const nastyText = fc
  .array(
    fc.oneof(
      fc.constantFrom("\\", "*", "_", "~", "|", "`", "<", ">", "[", "]", "(", ")", "#", "@", ":", "-", "+"),
      fc.constantFrom("1.", " ", "a", "everyone", "http://", "😀", "**", "||", "<@1>", "\n"),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(""));

function shown(spans: readonly Span[]): string {
  return splitLines([spans]).join("");
}

describe("text on Discord", () => {
  test("every special character of a text is seen as it is, and none has an effect", () => {
    for (const text of NASTY) {
      const seen = visibleText(shown(plainLine(text)));
      expect(seen.text).toBe(text);
      expect({ ...seen, links: [] }).toEqual({ text, bold: [], code: [], links: [], effects: [] });
    }
  });

  test("so is text that nobody has thought of, plain and bold", () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        fc.pre(text.trim() !== "");
        const seen = visibleText(shown(plainLine(text)));
        expect(seen.text).toBe(text);
        expect([...seen.effects, ...seen.bold, ...seen.code]).toEqual([]);
        const bold = visibleText(shown([{ kind: "bold", text }]));
        expect(bold.text).toBe(text);
        expect([...bold.effects, ...bold.code, ...bold.links]).toEqual([]);
        expect(bold.bold).toEqual([text]);
      }),
      { numRuns: 2_000, seed: 4 },
    );
  });

  test("bold is bold and code is code, with any marks inside", () => {
    const spans: Span[] = [
      { kind: "bold", text: "a_b*c" },
      { kind: "text", text: " then " },
      { kind: "code", text: 'cast send --x "*_~"' },
      { kind: "text", text: " end_" },
    ];
    const seen = visibleText(shown(spans));
    expect(seen).toEqual({
      text: 'a_b*c then cast send --x "*_~" end_',
      bold: ["a_b*c"],
      code: ['cast send --x "*_~"'],
      links: [],
      effects: [],
    });
  });

  test("neighbours of one kind stay apart from their own marks", () => {
    const bold: Span[] = [
      { kind: "bold", text: "a" },
      { kind: "bold", text: "b" },
    ];
    expect(visibleText(shown(bold))).toMatchObject({ text: "ab", bold: ["ab"] });
    const code: Span[] = [
      { kind: "code", text: "a" },
      { kind: "code", text: "b" },
    ];
    expect(visibleText(shown(code))).toMatchObject({ text: "ab", code: ["ab"] });
  });

  test("code with a backtick in it keeps every character", () => {
    for (const text of ["a`b", "``", "`", "x``y`"])
      expect(visibleText(shown([{ kind: "code", text }])).text).toBe(text);
  });

  test("code of several lines is a block", () => {
    const text = "line 1\n*line* 2";
    const content = shown([{ kind: "code", text }]);
    expect(content).toStartWith("```\n");
    expect(visibleText(content).code).toEqual([text]);
  });

  test("a web address can be followed, without the sentence's full stop", () => {
    const seen = visibleText(
      shown(plainLine("see https://docs.example/a_b_c?x=*y. Then (https://b.example/).")),
    );
    expect(seen.links).toEqual(["https://docs.example/a_b_c?x=*y", "https://b.example/"]);
  });
});

describe("a message that is too long", () => {
  test("is cut between lines, each part within Discord's limit, nothing lost", () => {
    const lines = Array.from({ length: 100 }, (_, n) => plainLine(`line ${n} ${"x".repeat(n)}`));
    const parts = splitLines(lines);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(2_000);
    expect(parts.join("\n")).toBe(splitLines(lines, 1_000_000).join(""));
  });

  test("one long line is cut between words, else between characters, never inside one", () => {
    const words = splitLines([plainLine("word ".repeat(1_000).trim())]);
    for (const part of words) expect(part).toMatch(/^word( word)*$/);
    const faces = `x${"😀".repeat(1_500)}`;
    const parts = splitLines([plainLine(faces)]);
    expect(parts.join("")).toBe(faces);
    for (const part of parts) expect(part).not.toContain("\u{fffd}");
    expect(splitLines([plainLine("😀😀")], 1)).toEqual(["😀", "😀"]);
  });

  test("each part renders by itself: bold and code are closed and opened again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ kind: fc.constantFrom("text", "bold", "code"), text: nastyText }), {
          maxLength: 8,
        }),
        (drawn) => {
          const spans = drawn.map(
            ({ kind, text }) => ({ kind, text: text.replaceAll(/[`\n]/g, "") }) as Span,
          );
          const parts = splitLines([spans], 40);
          for (const part of parts) expect(part.length).toBeLessThanOrEqual(40);
          const whole = spans.map(({ text }) => text).join("");
          const seen = parts.map((part) => visibleText(part));
          const withoutSpace = (text: string) => text.replaceAll(/\s/g, "");
          expect(withoutSpace(seen.map(({ text }) => text).join(""))).toBe(withoutSpace(whole));
          expect(seen.flatMap(({ effects }) => effects)).toEqual([]);
        },
      ),
      { numRuns: 2_000, seed: 4 },
    );
  });

  test("code is moved to the next part whole when it fits there", () => {
    const parts = splitLines(
      [
        [
          { kind: "text", text: "x".repeat(30) },
          { kind: "code", text: "c".repeat(30) },
        ],
      ],
      40,
    );
    expect(parts).toEqual(["x".repeat(30), `\`${"c".repeat(30)}\``]);
  });
});
