/** A terminal with a line below everything else, in which a person types. */
import { promptView, type Question, type TypedText } from "@jeju-oracle/kit/console";

export interface ScreenStream {
  readonly columns?: number;
  write(text: string): unknown;
}

const DEFAULT_COLUMNS = 80;
const NOTHING_TYPED: TypedText = { line: "", cursor: 0 };

export class PromptScreen {
  readonly #stream: ScreenStream;
  readonly #question: () => Question;
  #typed = NOTHING_TYPED;

  /** @param question what is asked for now. */
  constructor(stream: ScreenStream, question: () => Question) {
    this.#stream = stream;
    this.#question = question;
  }

  get columns(): number {
    return this.#stream.columns || DEFAULT_COLUMNS;
  }

  /** Prints lines above what is being typed. */
  print(lines: readonly string[]): void {
    if (lines.length > 0) this.#draw(`${lines.join("\n")}\n`);
  }

  /** Shows what is being typed. */
  typing(typed: TypedText): void {
    this.#typed = typed;
    this.#draw("");
  }

  /** Leaves what was entered standing, and begins a new line. @param question that it answers. */
  entered(question: Question, line: string): void {
    const { text } = promptView(question, { line, cursor: line.length }, this.columns);
    this.#typed = NOTHING_TYPED;
    this.#draw(`${text}\n`);
  }

  /** Removes the line. */
  close(): void {
    this.#stream.write("\r\u001b[J");
  }

  // One write, so that nothing is seen missing.
  #draw(above: string): void {
    const { text, column } = promptView(this.#question(), this.#typed, this.columns);
    const toCursor = column === 0 ? "" : `\u001b[${column}C`;
    this.#stream.write(`\r\u001b[J${above}${text}\r${toCursor}`);
  }
}
