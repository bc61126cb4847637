/** The consoles of a fleet: connected as soon as they listen, and again after their agent was started again. */
import {
  type ConsoleConnection,
  ConsoleUnavailableError,
  connectConsole,
  type RequestEnd,
  type ServerLine,
} from "@jeju-oracle/kit/console";
import { pause } from "./pause.ts";

const RETRY_MS = 1_000;

export class ConsoleLinks {
  /** Settles when `signal` has aborted and every connection is closed. Rejects only for a defect. */
  readonly over: Promise<void>;
  readonly #connections = new Map<string, ConsoleConnection>();
  readonly #onLine: (botId: string, line: ServerLine) => void;
  readonly #signal: AbortSignal;

  /** @param sockets path of each bot's console. */
  constructor(
    sockets: ReadonlyMap<string, string>,
    onLine: (botId: string, line: ServerLine) => void,
    signal: AbortSignal,
  ) {
    this.#onLine = onLine;
    this.#signal = signal;
    this.over = Promise.all([...sockets].map(([botId, path]) => this.#keep(botId, path))).then(
      () => undefined,
    );
  }

  /** Bots whose console is connected, the longest connected one first. */
  get connected(): readonly string[] {
    return [...this.#connections.keys()];
  }

  /** @returns undefined when that bot's console is not connected. */
  act(
    botId: string,
    act: (connection: ConsoleConnection) => Promise<RequestEnd>,
  ): Promise<RequestEnd> | undefined {
    const connection = this.#connections.get(botId);
    return connection === undefined ? undefined : act(connection);
  }

  async #keep(botId: string, path: string): Promise<void> {
    while (!this.#signal.aborted) {
      const connection = await connectIfThere(path, (line) => this.#onLine(botId, line));
      if (connection !== undefined) await this.#use(botId, connection);
      await pause(RETRY_MS, this.#signal);
    }
  }

  async #use(botId: string, connection: ConsoleConnection): Promise<void> {
    const close = () => connection.close();
    this.#signal.addEventListener("abort", close, { once: true });
    if (this.#signal.aborted) close();
    this.#connections.set(botId, connection);
    connection.watch();
    await connection.closed;
    this.#connections.delete(botId);
    this.#signal.removeEventListener("abort", close);
  }
}

async function connectIfThere(
  path: string,
  onLine: (line: ServerLine) => void,
): Promise<ConsoleConnection | undefined> {
  try {
    return await connectConsole(path, onLine);
  } catch (error) {
    if (error instanceof ConsoleUnavailableError) return undefined;
    throw error;
  }
}
