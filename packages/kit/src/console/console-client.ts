/** The other end of an agent's console: what `oracle-agent chat` and `npm start` speak through. */
import { connect, type Socket } from "node:net";
import { ConsoleUnavailableError } from "./console-error.ts";
import type { Press } from "./desk.ts";
import { LineBuffer } from "./line-buffer.ts";
import {
  type ClientLine,
  formatLine,
  MAX_SERVER_LINE_BYTES,
  parseServerLine,
  type ServerLine,
} from "./protocol.ts";

/** `answered`: everything that came of it at once was shown. `lost`: the agent ended the connection before. */
export type RequestEnd = "answered" | "lost";

export interface ConsoleConnection {
  say(text: string): Promise<RequestEnd>;
  press(press: Press): Promise<RequestEnd>;
  /** A person looks at this client: it is told what nobody has seen yet. */
  watch(): void;
  /** Settles when the connection is over, whoever ended it. Never rejects. */
  readonly closed: Promise<void>;
  close(): void;
}

const CONNECT_DEADLINE_MS = 5_000;

/**
 * Connects to the agent whose console listens at `path`.
 * @param onLine told of every line of the agent, in order. Must not throw.
 * @throws {ConsoleUnavailableError} with what to do.
 */
export async function connectConsole(
  path: string,
  onLine: (line: ServerLine) => void,
): Promise<ConsoleConnection> {
  return new Connection(await open(path), onLine);
}

class Connection implements ConsoleConnection {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #onLine: (line: ServerLine) => void;
  readonly #buffer = new LineBuffer(MAX_SERVER_LINE_BYTES);
  readonly #waiting = new Map<number, (end: RequestEnd) => void>();
  #nextRequest = 1;
  #isClosed = false;

  constructor(socket: Socket, onLine: (line: ServerLine) => void) {
    this.#socket = socket;
    this.#onLine = onLine;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    void this.closed.then(() => {
      this.#isClosed = true;
      for (const settle of this.#waiting.values()) settle("lost");
      this.#waiting.clear();
    });
    socket.on("data", (piece: Buffer) => this.#read(piece));
    socket.once("end", () => socket.destroy());
  }

  say(text: string): Promise<RequestEnd> {
    return this.#request((request) => ({ type: "say", request, atMs: Date.now(), text }));
  }

  press({ messageId, data, form }: Press): Promise<RequestEnd> {
    return this.#request((request) => ({
      type: "press",
      request,
      messageId,
      data,
      ...(form === undefined ? {} : { form }),
    }));
  }

  watch(): void {
    if (!this.#isClosed) this.#socket.write(formatLine({ type: "watch" }));
  }

  close(): void {
    this.#socket.destroy();
  }

  #request(lineOf: (request: number) => ClientLine): Promise<RequestEnd> {
    if (this.#isClosed) return Promise.resolve("lost");
    const request = this.#nextRequest++;
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      this.#socket.write(formatLine(lineOf(request)));
    });
  }

  #read(piece: Buffer): void {
    const lines = this.#buffer.push(piece);
    if (lines === undefined) {
      this.close();
      return;
    }
    for (const text of lines) {
      const line = parseServerLine(text);
      if (line === undefined) continue;
      this.#onLine(line);
      if ((line.type === "done" || line.type === "refused") && line.request !== undefined) {
        this.#waiting.get(line.request)?.("answered");
        this.#waiting.delete(line.request);
      }
    }
  }
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const overdue = setTimeout(() => {
      socket.destroy();
      reject(unavailable(path, { code: "ETIMEDOUT" }));
    }, CONNECT_DEADLINE_MS);
    const onError = (error: Error) => {
      clearTimeout(overdue);
      reject(unavailable(path, error));
    };
    socket.once("error", onError);
    socket.once("connect", () => {
      clearTimeout(overdue);
      socket.off("error", onError);
      // Its close event tells everything that there is to know.
      socket.on("error", () => socket.destroy());
      resolve(socket);
    });
  });
}

function unavailable(path: string, error: unknown): ConsoleUnavailableError {
  const code = error instanceof Object && "code" in error ? String(error.code) : "";
  const start = "Start the agent, or name the STATE_DIR of one that runs, or its socket with --socket.";
  switch (code) {
    case "ENOENT":
      return new ConsoleUnavailableError(path, "there is no such socket", start, error);
    case "ECONNREFUSED":
      return new ConsoleUnavailableError(path, "nobody listens there", start, error);
    case "EACCES":
      return new ConsoleUnavailableError(
        path,
        "it belongs to another user",
        "Run this command as the user that the agent runs as: whoever may open the socket speaks for its operator.",
        error,
      );
    default:
      return new ConsoleUnavailableError(path, code === "" ? "it cannot be opened" : code, start, error);
  }
}
