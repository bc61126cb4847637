import { describe, expect, test } from "bun:test";
import { type ConsoleMessage, Desk, LineBuffer, type Typed } from "@jeju-oracle/kit/console";

const SETTLE_MS = 1_000;

function card(...labels: string[]): ConsoleMessage {
  return {
    lines: [],
    buttons: [
      labels.map((label) => ({
        label,
        data: `data-${label}`,
        style: "primary" as const,
        ...(label === "glass" ? { form: "break-glass" as const } : {}),
      })),
    ],
  };
}
const press = (messageId: string, data: string): Typed => ({
  kind: "press",
  press: { source: "a", messageId, data },
});

describe("a typed line", () => {
  test("is said as it is; an empty one is nothing", () => {
    const desk = new Desk(SETTLE_MS);
    expect(desk.enter("  /status x ", 0)).toEqual({ kind: "say", text: "/status x" });
    expect(desk.enter("  ", 0)).toEqual({ kind: "nothing" });
    expect(desk.enter("x".repeat(2_001), 0).kind).toBe("refused");
  });

  test("a number presses that button of the latest card, `1#2` that of card 2", () => {
    const desk = new Desk(SETTLE_MS);
    expect(desk.shown("a", "m0", { lines: [] }, 0)).toBeUndefined();
    expect(desk.shown("a", "m1", card("yes", "no"), 0)).toBe(1);
    expect(desk.shown("a", "m2", card("ack"), 0)).toBe(2);
    expect(desk.enter("1", SETTLE_MS)).toEqual(press("m2", "data-ack"));
    expect(desk.enter("2#1", SETTLE_MS)).toEqual(press("m1", "data-no"));
    expect(desk.enter("2", SETTLE_MS)).toMatchObject({
      kind: "refused",
      text: expect.stringContaining("1 to 1"),
    });
    expect(desk.enter("1#9", SETTLE_MS).kind).toBe("refused");
  });

  test("a bare number presses nothing while a card is so new that the person may have meant another", () => {
    const desk = new Desk(SETTLE_MS);
    desk.shown("a", "m1", card("yes"), 0);
    desk.shown("a", "m2", card("other"), 5_000);
    expect(desk.enter("1", 5_999)).toMatchObject({ kind: "refused", text: expect.stringContaining("1#2") });
    expect(desk.enter("1#1", 5_999)).toEqual(press("m1", "data-yes"));
    expect(desk.enter("1", 6_000)).toEqual(press("m2", "data-other"));
  });

  test("the same holds when the card that was meant has just lost its buttons", () => {
    const desk = new Desk(SETTLE_MS);
    desk.shown("a", "m1", card("old"), 0);
    desk.shown("a", "m2", card("meant"), 0);
    expect(desk.shown("a", "m2", { lines: [] }, 5_000)).toBe(2);
    expect(desk.enter("1", 5_500).kind).toBe("refused");
    expect(desk.enter("1#2", 9_000)).toMatchObject({ text: "Card #2 has no buttons any more." });
    expect(desk.enter("1", 9_000)).toEqual(press("m1", "data-old"));
  });

  test("cards of two agents with the same id are two cards", () => {
    const desk = new Desk(0);
    expect([desk.shown("a", "m", card("x"), 0), desk.shown("b", "m", card("x"), 0)]).toEqual([1, 2]);
    expect(desk.enter("1#2", 0)).toMatchObject({ press: { source: "b" } });
  });

  test("break-glass asks for password and reason, hides the password, and can be left", () => {
    const desk = new Desk(0);
    desk.shown("a", "m", card("yes", "glass"), 0);
    expect(desk.enter("2", 0)).toEqual({ kind: "nothing" });
    expect(desk.question.isSecret).toBe(true);
    desk.enter("123456", 0);
    expect(desk.question).toMatchObject({ isSecret: false, label: expect.stringContaining("Reason") });
    expect(desk.enter("nobody else is awake", 0)).toEqual({
      kind: "press",
      press: {
        source: "a",
        messageId: "m",
        data: "data-glass",
        form: { totp: "123456", reason: "nobody else is awake" },
      },
    });
    expect(desk.question.label).toBe("> ");
    desk.enter("2", 0);
    expect(desk.enter("", 0).kind).toBe("refused");
    expect(desk.enter("/status", 0).kind).toBe("say");
  });

  test("no more than the last 100 cards are remembered", () => {
    const desk = new Desk(0);
    for (let index = 1; index <= 101; index++) desk.shown("a", `m${index}`, card("x"), 0);
    expect(desk.enter("1#1", 0).kind).toBe("refused");
    expect(desk.enter("1#2", 0).kind).toBe("press");
  });
});

describe("lines of a stream", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  test("are put together from pieces, also where a piece ends within a character", () => {
    const buffer = new LineBuffer(100);
    const euro = bytes("1 €\n\n2\n3");
    expect(buffer.push(euro.slice(0, 3))).toEqual([]);
    expect(buffer.push(euro.slice(3))).toEqual(["1 €", "2"]);
    expect(buffer.push(bytes("\n4"))).toEqual(["3"]);
    expect(buffer.end()).toBe("4");
  });

  test("one that is too long is told at once, whether or not it ever ends", () => {
    expect(new LineBuffer(10).push(bytes("x".repeat(11)))).toBeUndefined();
    expect(new LineBuffer(10).push(bytes(`${"x".repeat(11)}\n`))).toBeUndefined();
    expect(new LineBuffer(10).push(bytes(`${"x".repeat(10)}\n${"y".repeat(10)}`))).toEqual(["x".repeat(10)]);
  });
});
