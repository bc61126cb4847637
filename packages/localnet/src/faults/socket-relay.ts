/**
 * One WebSocket client. Its subscriptions go to a connection of its own to the node; every other call is answered as
 * over HTTP, so that a fault is the same on both ways.
 */
import type { Behaviour } from "./behaviour.ts";
import { isRecord, parseMessage, type RpcMessage } from "./messages.ts";
import type { Upstream } from "./upstream.ts";

/** Subscriptions that wait for the connection to the node; a client that has more is cut off. */
const MAX_WAITING_FRAMES = 64;

export interface RelayContext {
  behaviour(): Behaviour;
  /** The answer as over HTTP; "closed" where HTTP has no JSON-RPC answer, undefined where it has none at all. */
  answer(message: RpcMessage, gone: AbortSignal): Promise<string | "closed" | undefined>;
  /** Counts a subscription, which is answered by the node and not by {@link answer}. */
  recordSubscription(message: RpcMessage, passedOn: boolean): void;
  send(text: string): void;
  close(): void;
  /** Called once, when the relay has ended. */
  ended(relay: SocketRelay): void;
}

export class SocketRelay {
  readonly #context: RelayContext;
  readonly #gone = new AbortController();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #waiting: string[] = [];
  #upstream: { readonly node: Upstream; readonly socket: WebSocket } | undefined;

  constructor(context: RelayContext) {
    this.#context = context;
  }

  onClientFrame(text: string): void {
    const behaviour = this.#context.behaviour();
    const message = parseMessage(text);
    const subscribes = message.calls.some(({ method }) => /^eth_(un)?subscribe$/.test(method));
    if (!subscribes) {
      void this.#answer(message);
      return;
    }
    this.#context.recordSubscription(message, behaviour.listens);
    if (behaviour.listens) this.#passOn(text, behaviour.upstream);
  }

  onClientClosed(): void {
    if (this.#gone.signal.aborted) return;
    this.#gone.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#upstream !== undefined) {
      const { socket } = this.#upstream;
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    this.#context.ended(this);
  }

  /** Cuts the client off when the new fault leaves it no connection, or subscriptions to another node. */
  onFaultChanged(): void {
    const { pushes, upstream } = this.#context.behaviour();
    const otherNode = this.#upstream !== undefined && this.#upstream.node !== upstream;
    if (pushes.kind === "closed" || otherNode) this.cutOff();
  }

  cutOff(): void {
    this.#context.close();
    this.onClientClosed();
  }

  async #answer(message: RpcMessage): Promise<void> {
    const answer = await this.#context.answer(message, this.#gone.signal);
    if (this.#gone.signal.aborted || answer === undefined) return;
    if (answer === "closed") this.cutOff();
    else this.#context.send(answer);
  }

  #passOn(text: string, node: Upstream): void {
    const socket = this.#upstream?.socket ?? this.#connect(node);
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
    else if (this.#waiting.length < MAX_WAITING_FRAMES) this.#waiting.push(text);
    else this.cutOff();
  }

  #connect(node: Upstream): WebSocket {
    const socket = new WebSocket(node.wsUrl);
    this.#upstream = { node, socket };
    socket.onopen = () => {
      for (const text of this.#waiting.splice(0)) socket.send(text);
    };
    socket.onmessage = ({ data }) => this.#onNodeFrame(String(data));
    // An error is followed by a close.
    socket.onclose = () => this.cutOff();
    return socket;
  }

  #onNodeFrame(text: string): void {
    const { pushes, listens } = this.#context.behaviour();
    if (!listens || (pushes.kind === "none" && isNotification(text))) return;
    const delayMs = pushes.kind === "relayed" ? pushes.delayMs : 0;
    if (delayMs === 0) {
      this.#context.send(text);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#context.send(text);
    }, delayMs);
    this.#timers.add(timer);
  }
}

function isNotification(text: string): boolean {
  const [call] = parseMessage(text).calls;
  return isRecord(call) && call.method === "eth_subscription";
}
