/** One client of the console: its lines in, our lines out, both bounded. */
import type { Socket } from "node:net";
import {
  type ClientLine,
  formatLine,
  LineBuffer,
  MAX_CLIENT_LINE_BYTES,
  parseClientLine,
  type ServerLine,
} from "@jeju-oracle/kit/console";

/** A client that does not read is let go, so that it costs no more memory than this. */
const MAX_UNREAD_BYTES = 4 * 1_048_576;
const END_DEADLINE_MS = 500;

export class ClientLink {
  /** Whether a person looks at this client. */
  isWatched = false;
  /** Requests that are being handled. */
  pending = 0;
  readonly #socket: Socket;
  readonly #buffer = new LineBuffer(MAX_CLIENT_LINE_BYTES);

  constructor(socket: Socket, onLine: (line: ClientLine) => void, onGone: () => void) {
    this.#socket = socket;
    socket.on("data", (piece: Buffer) => {
      const lines = this.#buffer.push(piece);
      if (lines === undefined) {
        this.refuse("A line is too long.");
        this.end();
        return;
      }
      for (const text of lines) {
        const line = parseClientLine(text);
        if (line === undefined) this.refuse("This agent does not understand that line.");
        else onLine(line);
      }
    });
    socket.on("error", () => socket.destroy());
    socket.once("close", onGone);
  }

  send(line: ServerLine): void {
    if (this.#socket.destroyed || !this.#socket.writable) return;
    this.#socket.write(formatLine(line));
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.#socket.destroy();
  }

  refuse(problem: string, request?: number): void {
    this.send({ type: "refused", problem, ...(request === undefined ? {} : { request }) });
  }

  /** Ends the connection after what was sent, or after a moment when that is not taken. */
  end(): void {
    const overdue = setTimeout(() => this.#socket.destroy(), END_DEADLINE_MS);
    this.#socket.once("close", () => clearTimeout(overdue));
    this.#socket.destroySoon();
  }
}
