import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { bold, code, FmtString, join } from "telegraf/format";
import { splitText } from "../../../src/channels/telegram/split-text.ts";

const textsOf = (whole: FmtString, maxLength: number) => splitText(whole, maxLength).map(({ text }) => text);

describe("splitting a long text", () => {
  test("leaves a short one whole, and makes nothing of nothing", () => {
    expect(textsOf(new FmtString("short"), 10)).toEqual(["short"]);
    expect(textsOf(new FmtString(" \n "), 10)).toEqual([]);
  });

  test("cuts at the end of a line", () => {
    expect(textsOf(new FmtString("one two\nthree\nfour"), 15)).toEqual(["one two\nthree", "four"]);
  });

  test("cuts a long line between words", () => {
    expect(textsOf(new FmtString("one two three"), 8)).toEqual(["one two", "three"]);
  });

  test("cuts a long word between characters, never inside a surrogate pair", () => {
    expect(textsOf(new FmtString("😀😀😀"), 3)).toEqual(["😀", "😀", "😀"]);
  });

  test("moves code to the next part whole", () => {
    const parts = splitText(join(["see ", code("cast call 0x1"), " now"]), 14);
    expect(parts.map(({ text }) => text)).toEqual(["see", "cast call 0x1", "now"]);
    expect(parts[1]?.entities).toEqual([{ type: "code", offset: 0, length: 13 }]);
  });

  test("cuts code that is too long for one message, and both pieces are code", () => {
    const parts = splitText(code("0123456789"), 6);
    expect(parts.map(({ text, entities }) => [text, entities])).toEqual([
      ["012345", [{ type: "code", offset: 0, length: 6 }]],
      ["6789", [{ type: "code", offset: 0, length: 4 }]],
    ]);
  });

  test("has at most 100 entities in a part: Telegram drops the others", () => {
    const parts = splitText(
      join(
        Array.from({ length: 250 }, (_, index) => bold(String(index))),
        " ",
      ),
    );
    expect(parts.map(({ entities }) => entities?.length)).toEqual([100, 100, 50]);
  });

  test("for any text: nothing but white space is lost, no part is too long, every entity marks what it marked", () => {
    const span = fc.record({
      kind: fc.constantFrom("plain", "bold", "code"),
      text: fc.string({
        unit: fc.constantFrom("a", "b ", "\n", "😀", "<", "*", "_"),
        minLength: 1,
        maxLength: 40,
      }),
    });
    const solid = (text: string) => text.replaceAll(/\s/g, "");
    const marked = (parts: readonly FmtString[], type: string) =>
      parts
        .flatMap(({ text, entities = [] }) =>
          entities
            .filter((entity) => entity.type === type)
            .map(({ offset, length }) => text.slice(offset, offset + length)),
        )
        .map(solid)
        .join("");
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), fc.integer({ min: 2, max: 30 }), (spans, maxLength) => {
        const whole = join(
          spans.map(({ kind, text }) =>
            kind === "bold" ? bold(text) : kind === "code" ? code(text) : new FmtString(text),
          ),
        );
        const parts = splitText(whole, maxLength);
        expect(solid(parts.map(({ text }) => text).join(""))).toBe(solid(whole.text));
        for (const part of parts) {
          expect(part.text.length).toBeLessThanOrEqual(maxLength);
          expect(part.text.isWellFormed()).toBe(true);
        }
        for (const type of ["bold", "code"]) expect(marked(parts, type)).toBe(marked([whole], type));
      }),
      { numRuns: 300 },
    );
  });
});
