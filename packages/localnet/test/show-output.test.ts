import { describe, expect, test } from "bun:test";
import { createLiveOutput, type LiveStatus } from "../src/show/live-output.ts";
import { Screen } from "./support/screen.ts";

function status(...lines: string[]): LiveStatus {
  return { block: () => lines, line: () => lines.join(" | ") };
}

describe("on a terminal", () => {
  test("lines stay above, the block is replaced below them, and close removes it", () => {
    const screen = new Screen(80, 24);
    const output = createLiveOutput(screen, true);
    output.line("first");
    output.status(status("── bot-1 leads", "bot-1 healthy", "prices"));
    output.line("second");
    expect(screen.text).toBe("first\nsecond\n── bot-1 leads\nbot-1 healthy\nprices");
    output.status(status("── nobody leads", "prices"));
    expect(screen.text).toBe("first\nsecond\n── nobody leads\nprices");
    output.status(status("one"));
    output.status(status("── bot-2 leads", "bot-2", "prices"));
    expect(screen.text).toBe("first\nsecond\n── bot-2 leads\nbot-2\nprices");
    output.close();
    output.line("last");
    expect(screen.text).toBe("first\nsecond\nlast\n");
  });

  test("the block is drawn for the width that the terminal has now, and never higher than it", () => {
    const widths: number[] = [];
    const screen = {
      isTTY: true,
      columns: 100,
      rows: 4,
      text: "",
      write: (text: string) => (screen.text += text),
    };
    const output = createLiveOutput(screen, true);
    const block = (columns: number) => {
      widths.push(columns);
      return ["1", "2", "3", "4", "5"];
    };
    output.status({ block, line: () => "" });
    screen.columns = 50;
    output.line("x");
    expect(widths).toEqual([99, 49]);
    expect(screen.text).not.toContain("4");
    expect(screen.text).toContain("3");
  });

  test("what is being typed stands below the block with the cursor in it, whatever is printed meanwhile", () => {
    const screen = new Screen(80, 24);
    const output = createLiveOutput(screen, true);
    output.prompt(() => ({ text: "> /sta", column: 4 }));
    expect([screen.text, screen.cursor]).toEqual(["> /sta", [0, 4]]);
    output.status(status("── bot-1 leads", "prices"));
    output.line("a log line");
    output.status(status("── nobody leads", "bot-1", "prices"));
    output.line("another");
    expect(screen.text).toBe("a log line\nanother\n── nobody leads\nbot-1\nprices\n> /sta");
    expect(screen.cursor).toEqual([5, 4]);
    output.prompt(() => ({ text: "", column: 0 }));
    expect(screen.cursor).toEqual([5, 0]);
    output.prompt(undefined);
    expect(screen.text).toBe("a log line\nanother\n── nobody leads\nbot-1\nprices");
    output.close();
    expect(screen.text).toBe("a log line\nanother\n");
  });

  test("on a low terminal the block gives way to what is being typed", () => {
    const screen = new Screen(80, 4);
    const output = createLiveOutput(screen, true);
    output.prompt(() => ({ text: "> x", column: 3 }));
    output.status(status("1", "2", "3", "4", "5"));
    expect(screen.text).toBe("1\n2\n> x");
  });

  test("colours are used unless they are unwanted", () => {
    const screen = new Screen(80, 24);
    expect([true, false].map((wanted) => createLiveOutput(screen, wanted).colours)).toEqual([true, false]);
  });
});

test("without a terminal: no control sequence, no colour, and a status is one line every 5 s", () => {
  let written = "";
  let nowMs = 0;
  const output = createLiveOutput({ write: (text) => (written += text) }, true, () => nowMs);
  output.prompt(() => ({ text: "> ", column: 2 }));
  output.line("started");
  for (; nowMs <= 11_000; nowMs += 1_000) output.status(status(`at ${nowMs}`, "healthy"));
  output.close();
  expect(written).toBe("started\nat 5000 | healthy\nat 10000 | healthy\n");
  expect(output.colours).toBe(false);
});
