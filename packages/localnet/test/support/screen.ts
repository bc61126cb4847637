/** A small terminal: keeps the text that is left when the control sequences that we use were obeyed. */
import { expect } from "bun:test";

const CSI = "\u001b[";
const SEQUENCE = new RegExp(`(\r|\n|${CSI.replace("[", "\\[")}\\d*[A-Z])`);

export class Screen {
  readonly isTTY = true;
  readonly columns: number;
  readonly rows: number;
  readonly #lines: string[] = [""];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  get text(): string {
    return this.#lines.join("\n");
  }

  /** Row and column, from 0. */
  get cursor(): readonly [number, number] {
    return [this.#row, this.#column];
  }

  write(text: string): void {
    for (const token of text.split(SEQUENCE)) this.#obey(token);
  }

  #obey(token: string): void {
    const line = this.#lines[this.#row] ?? "";
    if (token === "\r") this.#column = 0;
    else if (token === "\n") {
      this.#row += 1;
      this.#column = 0;
      this.#lines[this.#row] ??= "";
    } else if (token === `${CSI}J`) {
      this.#lines.length = this.#row + 1;
      this.#lines[this.#row] = line.slice(0, this.#column);
    } else if (token.startsWith(CSI)) {
      const count = Number.parseInt(token.slice(CSI.length), 10);
      if (token.endsWith("C")) this.#column += count;
      else {
        expect(token).toEndWith("A");
        this.#row -= count;
      }
    } else {
      this.#lines[this.#row] = line.slice(0, this.#column) + token + line.slice(this.#column + token.length);
      this.#column += token.length;
    }
  }
}
