import { describe, expect, test } from "bun:test";
import {
  type ConsoleMessage,
  promptView,
  renderMessage,
  visibleJson,
  visibleText,
} from "@jeju-oracle/kit/console";

const ESC = "\u001b";
const PIPE = { columns: undefined, colours: false };
const TERMINAL = { columns: 80, colours: true };

function text(...lines: string[]): ConsoleMessage {
  return { lines: lines.map((line) => [{ kind: "text", text: line }]) };
}

describe("text from outside", () => {
  test("cannot move the cursor, ring, or begin a new line: controls are shown as pictures", () => {
    expect(visibleText(`${ESC}[2J\u0007a\rb\nc\u007f\u009b1m`)).toBe("␛[2J␇a␍b␊c␡\\x9b1m");
  });

  test("cannot reorder or hide what stands in it", () => {
    expect(visibleText("a\u202eb\u2066c\u200bd\u2028e\ufefff")).toBe("abcdef");
  });

  test("no character but those of our own colours reaches a terminal from any part of a message", () => {
    const evil = `x${ESC}]0;owned\u0007\r\n\u009b2J`;
    const message: ConsoleMessage = {
      lines: [
        [
          { kind: "text", text: evil },
          { kind: "bold", text: evil },
          { kind: "code", text: evil },
        ],
      ],
      buttons: [[{ label: evil, data: "d", style: "primary" }]],
      severity: "critical",
      attachment: { name: evil, text: `${evil}\nsecond` },
    };
    const shown = renderMessage(message, TERMINAL, { card: 1 });
    for (const line of shown) {
      expect(line.replaceAll(new RegExp(`${ESC}\\[\\d*m`, "g"), "")).not.toMatch(/\p{Cc}/u);
    }
    expect(visibleJson({ evil })).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(visibleJson({ evil }))).toEqual({ evil });
  });
});

describe("a message", () => {
  test("on a pipe it is plain: no colour, no bar, nothing wrapped", () => {
    const long = "word ".repeat(40).trim();
    expect(renderMessage({ ...text(long, "second"), severity: "critical" }, PIPE)).toEqual([long, "second"]);
  });

  test("on a terminal of 80 columns no line is wider, and nothing is lost", () => {
    const words = Array.from({ length: 60 }, (_, index) => `w${index}`);
    const shown = renderMessage(text(`✅ ${words.join(" ")}`), { columns: 80, colours: false });
    expect(shown.length).toBeGreaterThan(2);
    for (const line of shown) expect(Bun.stringWidth(line)).toBeLessThan(80);
    expect(shown.map((line) => line.replace(/^\| +/, "")).join(" ")).toBe(`✅ ${words.join(" ")}`);
  });

  test("code is never broken, so that a hash or a command can be copied", () => {
    const command = `cast send ${"0x".padEnd(90, "a")} --rpc-url x`;
    const spans = [
      { kind: "text", text: "Run this command: " } as const,
      { kind: "code", text: command } as const,
    ];
    const shown = renderMessage({ lines: [spans] }, { columns: 80, colours: false });
    expect(shown).toEqual(["| Run this command:", `|   ${command}`]);
  });

  test("bold, code and severity have colours on a terminal, and none where they are unwanted", () => {
    const message: ConsoleMessage = {
      lines: [
        [
          { kind: "bold", text: "B" },
          { kind: "text", text: " " },
          { kind: "code", text: "C" },
        ],
      ],
      severity: "warning",
    };
    expect(renderMessage(message, TERMINAL)).toEqual([
      `${ESC}[33m▌ ${ESC}[0m${ESC}[1mB${ESC}[0m ${ESC}[36mC${ESC}[0m`,
    ]);
    expect(renderMessage(message, { columns: 80, colours: false })).toEqual(["| B C"]);
  });

  test("buttons are numbered and tell how the card is named; an edit is marked", () => {
    const buttons = ["Confirm", "Cancel", "Break glass"].map((label) => ({
      label,
      data: label,
      style: "primary" as const,
    }));
    expect(renderMessage({ ...text("Pause?"), buttons: [buttons] }, PIPE, { card: 3 })).toEqual([
      "#3 Pause?",
      "[1] Confirm  [2] Cancel  [3] Break glass   (type 1, or 1#3)",
    ]);
    expect(renderMessage(text("Paused"), PIPE, { card: 3, isEdit: true })).toEqual(["↻ #3 Paused"]);
  });
});

describe("the line that a person types", () => {
  const say = { label: "> ", isSecret: false };

  test("is shown with its cursor", () => {
    expect(promptView(say, { line: "/status", cursor: 3 }, 80)).toEqual({ text: "> /status", column: 5 });
  });

  test("never fills the row, and the part around the cursor stays in sight", () => {
    const line = "0123456789".repeat(5);
    const atEnd = promptView(say, { line, cursor: line.length }, 20);
    expect(atEnd).toEqual({ text: "> 34567890123456789", column: 19 });
    const atStart = promptView(say, { line, cursor: 0 }, 20);
    expect(atStart).toEqual({ text: "> 01234567890123456", column: 2 });
  });

  test("a password is not shown", () => {
    expect(promptView({ label: "p: ", isSecret: true }, { line: "123456", cursor: 6 }, 80).text).toBe(
      "p: ••••••",
    );
  });
});
