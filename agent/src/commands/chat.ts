/** `oracle-agent chat`: the console of an agent of this host, on a terminal or through pipes. */
import { join } from "node:path";
import { agentEnv, DeadlineError, type Env, parseEnv, systemClock, withDeadline } from "@jeju-oracle/kit";
import {
  CONSOLE_SOCKET,
  type ConsoleConnection,
  ConsoleUnavailableError,
  type ConsoleView,
  connectConsole,
  Desk,
  LineBuffer,
  openPrompt,
  type ServerLine,
  shownLines,
  visibleJson,
} from "@jeju-oracle/kit/console";
import type { CommandInput } from "../command-line/command.ts";
import { reportFailure } from "../command-line/report-failure.ts";
import { processTerminal } from "../command-line/terminal.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { EXIT_OK, EXIT_UNAVAILABLE, EXIT_UNCONFIRMED } from "../exit-codes.ts";
import { PromptScreen } from "./support/prompt-screen.ts";
import { act } from "./support/typed-action.ts";

/** A card that changed this shortly before a number was entered may not be the one that the person meant. */
const SETTLE_MS = 1_000;
/** For a command, and for an action that a button starts, until its outcome is known. */
const ANSWER_DEADLINE_MS = 60_000;
const MAX_TYPED_BYTES = 65_536;
/** One agent is connected. */
const SOURCE = "";

type Shows = (line: ServerLine) => readonly string[];

/** @returns the exit code. */
export async function chat(input: CommandInput, env: Env): Promise<number> {
  const json = input.has("json");
  const terminal = processTerminal();
  try {
    const path = input.value("socket") ?? join(parseEnv(agentEnv, env).STATE_DIR, CONSOLE_SOCKET);
    const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
    return await (isTerminal ? chatOnTerminal : chatOnPipes)(path, json);
  } catch (error) {
    if (error instanceof ConsoleUnavailableError) {
      await reportFailure(error, json, terminal);
      return EXIT_UNAVAILABLE;
    }
    if (error instanceof DeadlineError) {
      await reportFailure(error, json, terminal);
      return EXIT_UNCONFIRMED;
    }
    throw error;
  }
}

async function chatOnTerminal(path: string, json: boolean): Promise<number> {
  const { colours } = processTerminal();
  const desk = new Desk(SETTLE_MS);
  const screen = new PromptScreen(process.stdout, () => desk.question);
  const shows = showing(desk, () => ({ columns: screen.columns, colours }), json);
  const connection = await connectConsole(path, (line) => screen.print(shows(line)));
  const { promise: left, resolve: leave } = Promise.withResolvers<"left">();
  const end = () => leave("left");
  const prompt = openPrompt(
    process.stdin,
    {
      onChange: (typed) => screen.typing(typed),
      onLine(line) {
        const { question } = desk;
        const typed = desk.enter(line, performance.now());
        screen.entered(question, line);
        if (typed.kind === "refused") screen.print([typed.text]);
        void act(connection, typed);
      },
      onInterrupt: end,
      onEnd: end,
    },
    () => desk.question.isSecret,
  );
  try {
    connection.watch();
    screen.print(["Connected. /help lists the commands, Ctrl-D ends."]);
    const why = await Promise.race([left, connection.closed]);
    screen.close();
    if (why === "left") return EXIT_OK;
    throw wentAway(path);
  } finally {
    prompt.close();
    connection.close();
  }
}

/** Each line is answered before the next one is sent, so that a later line can press what an earlier one brought. */
async function chatOnPipes(path: string, json: boolean): Promise<number> {
  const terminal = processTerminal();
  const desk = new Desk(0);
  const shows = showing(desk, () => ({ columns: undefined, colours: false }), json);
  let written: Promise<void> = Promise.resolve();
  const connection = await connectConsole(path, (line) => {
    if (!json && line.type === "hello") return;
    const lines = shows(line);
    if (lines.length > 0) written = terminal.out(`${lines.join("\n")}\n`);
  });
  try {
    for await (const line of typedLines()) {
      const typed = desk.enter(line, performance.now());
      if (typed.kind === "refused")
        throw new UsageError(typed.text, "Nothing was sent for that line or after it.");
      await answered(connection, act(connection, typed), path);
    }
    return EXIT_OK;
  } finally {
    connection.close();
    await written;
  }
}

async function answered(
  connection: ConsoleConnection,
  end: ReturnType<typeof act>,
  path: string,
): Promise<void> {
  if (end === undefined) return;
  const how = await withDeadline(systemClock, "the agent's answer", ANSWER_DEADLINE_MS, () => end);
  if (how === "lost") {
    connection.close();
    throw wentAway(path);
  }
}

async function* typedLines(): AsyncGenerator<string> {
  const buffer = new LineBuffer(MAX_TYPED_BYTES);
  for await (const piece of Bun.stdin.stream()) {
    const lines = buffer.push(piece);
    if (lines === undefined)
      throw new UsageError("a line of the input is too long", "Nothing was sent for that line or after it.");
    yield* lines;
  }
  yield buffer.end();
}

function showing(desk: Desk, view: () => ConsoleView, json: boolean): Shows {
  return (line) => {
    const shown = shownLines(desk, SOURCE, line, view(), performance.now());
    return json ? [visibleJson(line)] : shown;
  };
}

function wentAway(path: string): ConsoleUnavailableError {
  return new ConsoleUnavailableError(
    path,
    "it ended the connection",
    "See the log of the agent; oracle-agent list shows who is alive.",
  );
}
