/** A console channel in a directory of its own, with a handler that a test writes and clients that keep what they hear. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AlertCondition, silentLogger, systemClock } from "@jeju-oracle/kit";
import { type ConsoleConnection, connectConsole, type ServerLine } from "@jeju-oracle/kit/console";
import { type ConsoleChannel, createConsoleChannel } from "../../../src/channels/console/index.ts";
import type { Inbound } from "../../../src/conversation/inbound.ts";
import type { OutboundMessage } from "../../../src/conversation/outbound.ts";

const DEADLINE_MS = 10_000;
export const NEVER = new AbortController().signal;

export interface Client extends ConsoleConnection {
  readonly heard: readonly ServerLine[];
  /** Waits for a line. */
  hears<Type extends ServerLine["type"]>(
    type: Type,
    matches?: (line: Extract<ServerLine, { readonly type: Type }>) => boolean,
  ): Promise<Extract<ServerLine, { readonly type: Type }>>;
}

interface Rig extends AsyncDisposable {
  readonly channel: ConsoleChannel;
  readonly stateDir: string;
  readonly inbounds: readonly Inbound[];
  readonly raised: readonly AlertCondition[];
  client(): Promise<Client>;
}

export interface RigOptions {
  readonly operator?: string;
  readonly stateDir?: string;
  readonly handle?: (inbound: Inbound, channel: ConsoleChannel) => Promise<void>;
}

export function says(text: string): OutboundMessage {
  return { lines: [[{ kind: "text", text }]] };
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "console-"));
  chmodSync(directory, 0o700);
  return directory;
}

/** Does not start the channel. */
export function createRig({ operator, handle, stateDir = temporaryDirectory() }: RigOptions = {}) {
  const raised: AlertCondition[] = [];
  const inbounds: Inbound[] = [];
  const clients: ConsoleConnection[] = [];
  const channel = createConsoleChannel({
    stateDir,
    botId: "bot-1",
    operator,
    clock: systemClock,
    logger: silentLogger,
    raise: (condition) => raised.push(condition),
  });
  const rig: Rig & { start(): Promise<boolean> } = {
    channel,
    stateDir,
    inbounds,
    raised,
    start() {
      channel.start(async (inbound) => {
        inbounds.push(inbound);
        await handle?.(inbound, channel);
      });
      return channel.listening();
    },
    async client() {
      const client = await connectClient(channel.socketPath);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.close();
      await channel.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
  return rig;
}

async function connectClient(path: string): Promise<Client> {
  const heard: ServerLine[] = [];
  let wake: () => void = () => undefined;
  const connection = await connectConsole(path, (line) => {
    heard.push(line);
    wake();
  });
  return {
    say: (text) => connection.say(text),
    press: (press) => connection.press(press),
    watch: () => connection.watch(),
    close: () => connection.close(),
    closed: connection.closed,
    heard,
    async hears(type, matches = () => true) {
      const endMs = performance.now() + DEADLINE_MS;
      for (;;) {
        const found = heard.find((line) => line.type === type && matches(line as never));
        if (found !== undefined) return found as never;
        if (performance.now() > endMs) throw new Error(`no ${type} came: ${JSON.stringify(heard)}`);
        await new Promise<void>((resolve) => {
          const overdue = setTimeout(resolve, DEADLINE_MS);
          wake = () => {
            clearTimeout(overdue);
            resolve();
          };
        });
      }
    },
  };
}
