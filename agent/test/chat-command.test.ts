/** `oracle-agent chat`, as a process, against a real console. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { chatOnPipes, chatOnTerminal, NEVER, startChatAgent } from "./support/chat-agent.ts";

const TIMEOUT_MS = 60_000;
const ESC = "\u001b";

describe("through pipes", () => {
  test(
    "`echo /status | oracle-agent chat` prints the answer, plain, and ends with 0",
    async () => {
      await using agent = await startChatAgent();
      await agent.channel.send({ lines: [[{ kind: "text", text: "an alert that nobody saw" }]] }, NEVER);
      const result = await chatOnPipes([], { STATE_DIR: agent.stateDir }, "/status\n");
      expect(result).toEqual({ stdout: "bot-1 leads ␛[2J\n", stderr: "", code: 0 });
      expect(agent.inbounds).toMatchObject([
        { kind: "message", text: "/status", caller: { userId: "alice" } },
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    "a later line presses what an earlier one brought; a last line needs no line end",
    async () => {
      await using agent = await startChatAgent();
      const socket = ["--socket", agent.channel.socketPath];
      const { stdout, code } = await chatOnPipes(socket, {}, "/pause\n3\n123456\nalone at night\n1#1");
      expect(code).toBe(0);
      expect(stdout).toBe(
        "#1 Pause the fleet?\n[1] Confirm  [2] Cancel  [3] Break glass   (type 1, or 1#1)\n✔ done\n✔ done\n",
      );
      expect(agent.inbounds).toMatchObject([
        { text: "/pause" },
        { data: "p:b", form: { totp: "123456", reason: "alone at night" } },
        { data: "p:c" },
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    "a button that is not there is an error, and nothing after it is sent",
    async () => {
      await using agent = await startChatAgent();
      const { stderr, code } = await chatOnPipes([], { STATE_DIR: agent.stateDir }, "1\n/status\n");
      expect(code).toBe(64);
      expect(stderr).toContain("No card waits for a button");
      expect(agent.inbounds).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "--json prints the protocol's lines",
    async () => {
      await using agent = await startChatAgent();
      const { stdout, code } = await chatOnPipes(["--json"], { STATE_DIR: agent.stateDir }, "/status\n");
      expect(code).toBe(0);
      const lines = stdout.trimEnd().split("\n");
      expect(lines.map((text) => (JSON.parse(text) as { type: string }).type)).toEqual([
        "hello",
        "answer",
        "done",
      ]);
      expect(stdout).not.toContain(ESC);
    },
    TIMEOUT_MS,
  );

  test(
    "with no agent it ends with 69 and says what to do",
    async () => {
      const { stdout, stderr, code } = await chatOnPipes(
        [],
        { STATE_DIR: join("/nowhere", "state") },
        "/status\n",
      );
      expect({ stdout, code }).toEqual({ stdout: "", code: 69 });
      expect(stderr).toBe(
        "oracle-agent: no agent answers at /nowhere/state/chat.sock: there is no such socket\n" +
          "Start the agent, or name the STATE_DIR of one that runs, or its socket with --socket.\n",
      );
    },
    TIMEOUT_MS,
  );

  test(
    "an agent that goes away before it answers is 69, not success",
    async () => {
      await using agent = await startChatAgent();
      const result = chatOnPipes([], { STATE_DIR: agent.stateDir }, "/hang\n");
      while (agent.inbounds.length === 0) await Bun.sleep(20);
      await agent.channel.stop();
      const { stderr, code } = await result;
      expect(code).toBe(69);
      expect(stderr).toContain("it ended the connection");
    },
    TIMEOUT_MS,
  );
});

describe("on a terminal", () => {
  test(
    "what nobody saw is shown first, answers come above what is being typed, Ctrl-D ends with 0",
    async () => {
      await using agent = await startChatAgent();
      await agent.channel.send({ lines: [[{ kind: "text", text: "missed" }]], severity: "critical" }, NEVER);
      await using terminal = chatOnTerminal({ STATE_DIR: agent.stateDir });
      await terminal.shows("bot-1 takes you for alice.");
      await terminal.shows(`${ESC}[31m▌ ${ESC}[0mmissed`);
      terminal.type("/sta");
      await terminal.shows("> /sta");
      await agent.channel.send({ lines: [[{ kind: "text", text: "meanwhile" }]] }, NEVER);
      await terminal.shows("meanwhile\r\n> /sta");
      terminal.type("tus\r");
      await terminal.shows("> /status\r\n");
      await terminal.shows(`${ESC}[1mbot-1${ESC}[0m leads ␛[2J`);
      expect(agent.inbounds).toMatchObject([{ text: "/status" }]);
      terminal.type("\u0004");
      expect(await terminal.exited).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    "break-glass hides the password, also from the history",
    async () => {
      await using agent = await startChatAgent();
      await using terminal = chatOnTerminal({ STATE_DIR: agent.stateDir, NO_COLOR: "1" });
      await terminal.shows("Connected.");
      terminal.type("/pause\r");
      await terminal.shows("[3] Break glass");
      terminal.type("3#1\r");
      await terminal.shows("One-time password");
      terminal.type("987654\r");
      await terminal.shows("Reason");
      terminal.type("alone\r");
      await terminal.shows("✔ done");
      terminal.type("\u001b[A\u001b[A");
      await terminal.shows("> 3#1");
      expect(terminal.output()).not.toContain("987654");
      expect(agent.inbounds).toMatchObject([{}, { form: { totp: "987654", reason: "alone" } }]);
      terminal.type("\u0003");
      expect(await terminal.exited).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    "when the agent ends, so does it, with 69",
    async () => {
      await using agent = await startChatAgent();
      await using terminal = chatOnTerminal({ STATE_DIR: agent.stateDir });
      await terminal.shows("Connected.");
      await agent.channel.stop();
      await terminal.shows("it ended the connection");
      expect(await terminal.exited).toBe(69);
    },
    TIMEOUT_MS,
  );
});
