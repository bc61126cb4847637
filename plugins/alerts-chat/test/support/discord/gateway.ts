/** The gateway's side of https://docs.discord.com/developers/events/gateway: sessions, sequence numbers, resumes. */
import { isObject, type Json } from "./validate.ts";

export interface SocketData {
  session: Session | undefined;
}
type Socket = Bun.ServerWebSocket<SocketData>;

interface Session {
  readonly id: string;
  readonly intents: number;
  sequence: number;
  readonly sent: { readonly sequence: number; readonly frame: string }[];
  socket: Socket | undefined;
}

export interface GatewayOptions {
  readonly token: () => string;
  /** Of the address that clients resume at. */
  readonly url: () => string;
  readonly me: Json;
  readonly guildId: string;
}

const HEARTBEAT_MS = 41_250;
const INTENT_GUILDS = 1;
const OP = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  resume: 6,
  reconnect: 7,
  invalid: 9,
  hello: 10,
  ack: 11,
};

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #sockets = new Set<Socket>();
  /** What clients have asked for, in order. */
  readonly log: ("identify" | "resume" | "resume refused" | "token refused")[] = [];
  /** Accepts connections and says nothing. */
  isMute = false;
  heartbeats = 0;
  #nextSession = 1;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** Clients that are logged in and connected. */
  get present(): number {
    return [...this.#sessions.values()].filter(({ socket }) => socket !== undefined).length;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  get intents(): readonly number[] {
    return [...this.#sessions.values()].map(({ intents }) => intents);
  }

  opened(socket: Socket): void {
    this.#sockets.add(socket);
    if (!this.isMute) send(socket, { op: OP.hello, d: { heartbeat_interval: HEARTBEAT_MS } });
  }

  closed(socket: Socket): void {
    this.#sockets.delete(socket);
    const { session } = socket.data;
    if (session?.socket === socket) session.socket = undefined;
  }

  received(socket: Socket, raw: string | Buffer): void {
    if (this.isMute) return;
    const message: unknown = JSON.parse(String(raw));
    if (isObject(message)) this.#handle(socket, message);
    else socket.close(4002, "Decode error");
  }

  #handle(socket: Socket, message: Json): void {
    const data = isObject(message.d) ? message.d : {};
    switch (message.op) {
      case OP.heartbeat:
        this.heartbeats++;
        send(socket, { op: OP.ack });
        return;
      case OP.identify:
        this.#identify(socket, data);
        return;
      case OP.resume:
        this.#resume(socket, data);
        return;
      default:
        socket.close(4001, "Unknown opcode");
        return;
    }
  }

  /** To every session; those without a connection get it when they resume. */
  dispatch(type: string, data: unknown): void {
    for (const session of this.#sessions.values()) this.#dispatchTo(session, type, data);
  }

  /** The latest event once more to every client, with its number. */
  repeatLast(): void {
    for (const { socket, sent } of this.#sessions.values()) {
      const last = sent.at(-1);
      if (last !== undefined) socket?.send(last.frame);
    }
  }

  /** A frame as it is, to everybody. */
  sendRaw(frame: string): void {
    for (const socket of this.#sockets) socket.send(frame);
  }

  closeAll(code: number): void {
    for (const socket of this.#sockets) socket.close(code, "as the test wants");
  }

  /** Sessions can no longer be resumed. */
  forgetSessions(): void {
    this.#sessions.clear();
  }

  askReconnect(): void {
    for (const socket of this.#sockets) send(socket, { op: OP.reconnect, d: null });
  }

  invalidateSessions(): void {
    this.forgetSessions();
    for (const socket of this.#sockets) send(socket, { op: OP.invalid, d: false });
  }

  #identify(socket: Socket, data: Json): void {
    if (socket.data.session !== undefined) {
      socket.close(4005, "Already authenticated");
      return;
    }
    const { token, intents } = data;
    if (token !== this.#options.token()) {
      this.log.push("token refused");
      socket.close(4004, "Authentication failed");
      return;
    }
    if (typeof intents !== "number") {
      socket.close(4013, "Invalid intents");
      return;
    }
    this.log.push("identify");
    const id = `session-${this.#nextSession++}`;
    const session: Session = { id, intents, sequence: 0, sent: [], socket };
    this.#sessions.set(id, session);
    socket.data.session = session;
    const { me, guildId, url } = this.#options;
    this.#dispatchTo(session, "READY", {
      v: 10,
      user: me,
      guilds: [{ id: guildId, unavailable: true }],
      session_id: id,
      resume_gateway_url: url(),
      shard: [0, 1],
      application: { id: me.id, flags: 0 },
    });
    if ((intents & INTENT_GUILDS) !== 0)
      this.#dispatchTo(session, "GUILD_CREATE", { id: guildId, name: "team" });
  }

  #resume(socket: Socket, data: Json): void {
    const session = this.#sessions.get(String(data.session_id));
    if (data.token !== this.#options.token() || session === undefined) {
      this.log.push("resume refused");
      send(socket, { op: OP.invalid, d: false });
      return;
    }
    this.log.push("resume");
    session.socket = socket;
    socket.data.session = session;
    for (const { sequence, frame } of session.sent) if (sequence > Number(data.seq)) socket.send(frame);
    this.#dispatchTo(session, "RESUMED", {});
  }

  #dispatchTo(session: Session, t: string, d: unknown): void {
    const sequence = ++session.sequence;
    const frame = JSON.stringify({ op: OP.dispatch, t, s: sequence, d });
    session.sent.push({ sequence, frame });
    session.socket?.send(frame);
  }
}

function send(socket: Socket, message: object): void {
  socket.send(JSON.stringify({ t: null, s: null, ...message }));
}
