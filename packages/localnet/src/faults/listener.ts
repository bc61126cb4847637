/** A listening socket that can be closed, so that connections are refused, and opened again at the same port. */
import { sleep, systemClock } from "@jeju-oracle/kit";
import { RpcProxyPortError } from "./errors.ts";
import type { SocketRelay } from "./socket-relay.ts";

/**
 * Ports below those that kernels hand out for outgoing connections (from 32768 on Linux, 49152 elsewhere): while the
 * socket is closed, no other process is given its port, and no connection attempt can meet itself there.
 */
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;
const PICK_ATTEMPTS = 50;
const REOPEN_DEADLINE_MS = 2_000;
const REOPEN_RETRY_MS = 20;

export interface ListenerHandlers {
  /** Answers an HTTP request, whose signal aborts when nobody waits for the answer any more. */
  onRequest(request: Request): Promise<Response>;
  /** A relay for a new WebSocket connection. Never called with the answer of {@link refusesSockets}. */
  openRelay(send: (text: string) => void, close: () => void): SocketRelay;
  /** The answer to a WebSocket handshake that is not accepted. */
  refusesSockets(): Response | undefined;
}

interface SocketState {
  relay: SocketRelay | undefined;
}

type Server = Bun.Server<SocketState>;

export class Listener {
  readonly port: number;
  readonly #handlers: ListenerHandlers;
  #server: Server | undefined;

  /** @throws {RpcProxyPortError} when no port is free. */
  constructor(handlers: ListenerHandlers) {
    this.#handlers = handlers;
    for (let attempt = 0; attempt < PICK_ATTEMPTS; attempt++) {
      const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
      this.#server = this.#tryListen(port);
      if (this.#server === undefined) continue;
      this.port = port;
      return;
    }
    throw new RpcProxyPortError(
      `no free port after ${PICK_ATTEMPTS} attempts from ${FIRST_PORT} to ${LAST_PORT}`,
    );
  }

  /** Cuts all connections and refuses new ones. Idempotent. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.stop(true);
  }

  /**
   * Takes the same port again. Nothing to do while open.
   * @throws {RpcProxyPortError} when another process has taken the port and keeps it.
   */
  async open(): Promise<void> {
    const end = performance.now() + REOPEN_DEADLINE_MS;
    while (this.#server === undefined) {
      this.#server = this.#tryListen(this.port);
      if (this.#server !== undefined) return;
      if (performance.now() > end)
        throw new RpcProxyPortError(`port ${this.port} was taken while it was closed`);
      await sleep(systemClock, REOPEN_RETRY_MS);
    }
  }

  /** Undefined when the port is taken. */
  #tryListen(port: number): Server | undefined {
    try {
      return Bun.serve({
        hostname: "127.0.0.1",
        port,
        // A request may be held for as long as its client waits.
        idleTimeout: 0,
        fetch: (request, server) => this.#onFetch(request, server),
        websocket: {
          data: { relay: undefined } as SocketState,
          open: (socket) => {
            socket.data.relay = this.#handlers.openRelay(
              (text) => socket.send(text),
              () => socket.terminate(),
            );
          },
          message: (socket, frame) => socket.data.relay?.onClientFrame(String(frame)),
          close: (socket) => socket.data.relay?.onClientClosed(),
        },
      });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
      throw error;
    }
  }

  async #onFetch(request: Request, server: Server): Promise<Response | undefined> {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return this.#handlers.onRequest(request);
    }
    const refusal = this.#handlers.refusesSockets();
    if (refusal !== undefined) return refusal;
    if (server.upgrade(request, { data: { relay: undefined } })) return undefined;
    return new Response("not a WebSocket handshake", { status: 400 });
  }
}
