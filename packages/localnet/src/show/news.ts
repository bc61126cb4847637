/** Several consoles tell the same news; it is shown once. */
import type { ServerLine } from "@jeju-oracle/kit/console";

const REMEMBERED = 500;

export class News {
  readonly #shown = new Map<string, string>();

  /** Whether `line` of that console is to be shown: some of what it is about is new. What is about nothing in particular always is. */
  isNew(source: string, line: ServerLine): boolean {
    if (line.type !== "message" && line.type !== "edit") return true;
    const { about } = line.message;
    if (about === undefined) return true;
    // Consoles group differently: what one tells in one message the other may tell in two.
    const parts = about.split(",");
    const isNew = parts.some((part) => (this.#shown.get(part) ?? source) === source);
    for (const part of parts) if (!this.#shown.has(part)) this.#shown.set(part, source);
    for (const oldest of this.#shown.keys()) {
      if (this.#shown.size <= REMEMBERED) break;
      this.#shown.delete(oldest);
    }
    return isNew;
  }
}
