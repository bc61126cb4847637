/** An agent's console with a conversation behind it that a test writes, and `oracle-agent chat` against it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLogger, systemClock } from "@jeju-oracle/kit";
import {
  type ConsoleChannel,
  createConsoleChannel,
} from "../../../plugins/alerts-chat/src/channels/console/index.ts";
import type { Inbound } from "../../../plugins/alerts-chat/src/conversation/inbound.ts";
import { line, type OutboundMessage } from "../../../plugins/alerts-chat/src/conversation/outbound.ts";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
const DEADLINE_MS = 20_000;
export const NEVER = new AbortController().signal;

export interface ChatAgent extends AsyncDisposable {
  readonly channel: ConsoleChannel;
  readonly stateDir: string;
  readonly inbounds: readonly Inbound[];
}

/** Answers `/status`; `/pause` brings a card with Confirm, Cancel and Break glass; `/hang` is never answered. */
export async function startChatAgent(): Promise<ChatAgent> {
  const stateDir = mkdtempSync(join(tmpdir(), "chat-"));
  const inbounds: Inbound[] = [];
  const channel = createConsoleChannel({
    stateDir,
    botId: "bot-1",
    operator: "alice",
    clock: systemClock,
    logger: silentLogger,
    raise: () => undefined,
  });
  channel.start(async (inbound) => {
    inbounds.push(inbound);
    if (inbound.kind === "press") await channel.answer(inbound, { lines: [line("✔ **done**")] }, NEVER);
    else if (inbound.text === "/pause") await channel.send(CARD, NEVER);
    else if (inbound.text === "/hang") await new Promise(() => undefined);
    else await channel.answer(inbound, { lines: [line("**bot-1** leads \u001b[2J")] }, NEVER);
  });
  if (!(await channel.listening())) throw new Error("the console does not listen");
  return {
    channel,
    stateDir,
    inbounds,
    async [Symbol.asyncDispose]() {
      await channel.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

const CARD: OutboundMessage = {
  lines: [line("Pause the fleet?")],
  buttons: [
    [
      { label: "Confirm", data: "p:c", style: "primary" },
      { label: "Cancel", data: "p:x", style: "secondary" },
      { label: "Break glass", data: "p:b", style: "danger", form: "break-glass" },
    ],
  ],
};

/** Through pipes; `input` undefined: nobody writes, and the input stays open. */
export function chatOnPipes(args: readonly string[], env: Readonly<Record<string, string>>, input?: string) {
  const child = Bun.spawn([process.execPath, CLI, "chat", ...args], {
    env: { ...env, PATH: process.env.PATH ?? "" },
    stdin: input === undefined ? "pipe" : new TextEncoder().encode(input),
    stdout: "pipe",
    stderr: "pipe",
    timeout: DEADLINE_MS,
  });
  const ended = Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return ended.then(([stdout, stderr, code]) => ({ stdout, stderr, code }));
}

export interface ChatTerminal extends AsyncDisposable {
  type(text: string): void;
  /** Everything that was written to the terminal, control sequences included. */
  output(): string;
  /** Waits until something was written after the last call that contains `text`. */
  shows(text: string): Promise<void>;
  readonly exited: Promise<number>;
}

/** On a terminal of 80 columns. */
export function chatOnTerminal(env: Readonly<Record<string, string>>): ChatTerminal {
  const decoder = new TextDecoder();
  let output = "";
  let from = 0;
  let wake: () => void = () => undefined;
  const child = Bun.spawn([process.execPath, CLI, "chat"], {
    env: { TERM: "xterm-256color", ...env, PATH: process.env.PATH ?? "" },
    terminal: {
      cols: 80,
      rows: 24,
      data(_terminal, piece) {
        output += decoder.decode(piece, { stream: true });
        wake();
      },
    },
  });
  return {
    type: (text) => void child.terminal?.write(text),
    output: () => output,
    exited: child.exited,
    async shows(text) {
      const endMs = performance.now() + DEADLINE_MS;
      for (;;) {
        const at = output.indexOf(text, from);
        if (at !== -1) {
          from = at + text.length;
          return;
        }
        if (performance.now() > endMs)
          throw new Error(`never shown: ${text}\n${JSON.stringify(output.slice(from))}`);
        await new Promise<void>((resolve) => {
          const overdue = setTimeout(resolve, 1_000);
          wake = () => {
            clearTimeout(overdue);
            resolve();
          };
        });
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      child.terminal?.close();
    },
  };
}
