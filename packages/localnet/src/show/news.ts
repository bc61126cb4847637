/** Several consoles tell the same news; it is shown once. */
import type { ServerLine } from "@jeju-oracle/kit/console";

const REMEMBERED = 500;

export class News {
  readonly #shown = new Map<string, string>();

  /** Whether `line` of that console is to be shown. What is about nothing in particular always is. */
  isNew(source: string, line: ServerLine): boolean {
    if (line.type !== "message" && line.type !== "edit") return true;
    const { about } = line.message;
    if (about === undefined) return true;
    const by = this.#shown.get(about);
    if (by !== undefined) return by === source;
    this.#shown.set(about, source);
    const oldest = this.#shown.keys().next().value;
    if (this.#shown.size > REMEMBERED && oldest !== undefined) this.#shown.delete(oldest);
    return true;
  }
}
