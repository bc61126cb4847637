/** Lines out of the pieces in which a stream arrives. Holds at most one line, of bounded length. */

export class LineBuffer {
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #restBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that `piece` completes; undefined when one is too long, and then the stream cannot be read any further. */
  push(piece: Uint8Array): readonly string[] | undefined {
    const parts = (this.#rest + this.#decoder.decode(piece, { stream: true })).split("\n");
    const lastBreak = piece.lastIndexOf(0x0a);
    this.#restBytes = lastBreak === -1 ? this.#restBytes + piece.length : piece.length - lastBreak - 1;
    this.#rest = parts.pop() ?? "";
    const isTooLong = this.#restBytes > this.#maxBytes || parts.some((line) => line.length > this.#maxBytes);
    return isTooLong ? undefined : parts.filter((line) => line !== "");
  }

  /** What came after the last line end, when nothing more will come. */
  end(): string {
    return this.#rest + this.#decoder.decode();
  }
}
