/** What a person reads of a line that an agent sent. */
import type { Desk } from "./desk.ts";
import type { ServerLine } from "./protocol.ts";
import { type ConsoleView, renderMessage } from "./render.ts";
import { visibleText } from "./visible.ts";

/**
 * The lines to print; `desk` learns of the cards among them.
 * @param source names the console, for the desk. @param nowMs ms of a monotonic clock.
 */
export function shownLines(
  desk: Desk,
  source: string,
  line: ServerLine,
  view: ConsoleView,
  nowMs: number,
): readonly string[] {
  switch (line.type) {
    case "hello":
      return line.operator === null
        ? [
            `${visibleText(line.agent)} takes you for nobody: only reading works (CONSOLE_OPERATOR is not set).`,
          ]
        : [`${visibleText(line.agent)} takes you for ${visibleText(line.operator)}.`];
    case "message":
    case "answer":
    case "edit": {
      const card = desk.shown(source, line.messageId, line.message, nowMs);
      return renderMessage(line.message, view, { card, isEdit: line.type === "edit" });
    }
    case "refused":
      return [visibleText(line.problem)];
    case "done":
      return [];
    default:
      return line satisfies never;
  }
}
