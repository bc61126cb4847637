/** A line that a person types on a terminal while other lines are printed: whoever prints draws the line again. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Question } from "./desk.ts";
import { visibleText } from "./visible.ts";

export interface TypedText {
  readonly line: string;
  /** Position of the cursor in it. */
  readonly cursor: number;
}

export interface PromptEvents {
  /** Something was typed: draw it again. */
  readonly onChange: (typed: TypedText) => void;
  readonly onLine: (line: string) => void;
  /** Ctrl-C, which a terminal that is read key by key does not turn into a signal. */
  readonly onInterrupt: () => void;
  /** Ctrl-D on an empty line, or the terminal is gone. */
  readonly onEnd: () => void;
}

export interface Prompt {
  /** Gives the terminal back as it was. Idempotent. */
  close(): void;
}

const HISTORY_LINES = 100;

/**
 * Reads `input` key by key; keys, history and corrections are readline's.
 * @param isSecret whether what is being typed must not be found again in the history.
 */
export function openPrompt(
  input: NodeJS.ReadStream,
  { onChange, onLine, onInterrupt, onEnd }: PromptEvents,
  isSecret: () => boolean,
): Prompt {
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() });
  const lines = createInterface({
    input,
    output: nowhere,
    terminal: true,
    prompt: "",
    historySize: HISTORY_LINES,
  });
  const draw = () => onChange({ line: lines.line, cursor: lines.cursor });
  lines.on("history", (history: string[]) => {
    if (isSecret()) history.shift();
  });
  lines.on("line", (line) => {
    onLine(line);
    draw();
  });
  lines.on("SIGINT", onInterrupt);
  // Suspended, the process would leave the terminal as it reads it.
  lines.on("SIGTSTP", () => undefined);
  input.on("keypress", draw);
  let isOpen = true;
  lines.once("close", () => {
    const wasOpen = isOpen;
    isOpen = false;
    input.off("keypress", draw);
    input.pause();
    if (wasOpen) onEnd();
  });
  return {
    close() {
      isOpen = false;
      lines.close();
    },
  };
}

/**
 * The part of a typed line that fits, with its cursor. Pure.
 * @returns `text` of less than `columns` columns, and the column of the cursor in it, from 0.
 */
export function promptView(
  { label, isSecret }: Question,
  { line, cursor }: TypedText,
  columns: number,
): { readonly text: string; readonly column: number } {
  const shown = (part: string) => (isSecret ? "•".repeat([...part].length) : visibleText(part));
  const before = [...shown(line.slice(0, cursor))];
  const after = [...shown(line.slice(cursor))];
  const room = Math.max(1, columns - 1 - Bun.stringWidth(label));
  while (Bun.stringWidth(before.join("")) > room) before.shift();
  while (Bun.stringWidth(before.join("") + after.join("")) > room) after.pop();
  const column = Bun.stringWidth(label + before.join(""));
  return { text: label + before.join("") + after.join(""), column };
}
