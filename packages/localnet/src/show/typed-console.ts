/** The line below the block of `npm start`, in which a person speaks with the fleet, or does something to the network. */
import type { ReadStream } from "node:tty";
import {
  Desk,
  openPrompt,
  promptView,
  type ServerLine,
  shownLines,
  type Typed,
} from "@jeju-oracle/kit/console";
import { ConsoleLinks } from "./console-links.ts";
import type { Paint } from "./fleet-status.ts";
import type { LiveOutput } from "./live-output.ts";
import { namedLine } from "./log-prefix.ts";
import { News } from "./news.ts";
import type { ScenarioCommands } from "./scenario-commands.ts";

export interface TypedConsoleOptions {
  readonly input: ReadStream;
  readonly output: LiveOutput;
  /** Path of each bot's console. */
  readonly sockets: ReadonlyMap<string, string>;
  readonly commands: ScenarioCommands;
  readonly paint: Paint;
  /** Ctrl-C, or Ctrl-D. */
  readonly onEnd: () => void;
  readonly signal: AbortSignal;
}

export interface TypedConsole {
  /** Gives the terminal back. Call it after `signal` has aborted. */
  close(): Promise<void>;
}

/** A card that changed this shortly before a number was entered may not be the one that the person meant. */
const SETTLE_MS = 1_000;
const NAME = "you";
/** Of the name before each line. */
const NAME_COLUMNS = 7;

export function openTypedConsole(options: TypedConsoleOptions): TypedConsole {
  const { input, output, sockets, commands, paint, onEnd, signal } = options;
  const desk = new Desk(SETTLE_MS);
  const news = new News();
  let typed = { line: "", cursor: 0 };
  const draw = () => output.prompt((columns) => promptView(desk.question, typed, columns));
  const tell = (text: string) => output.line(namedLine(NAME, text));

  const show = (botId: string, line: ServerLine) => {
    if (line.type === "hello" && line.operator !== null) return;
    if (!news.isNew(botId, line)) return;
    const view = { columns: output.columns - NAME_COLUMNS, colours: output.colours };
    for (const text of shownLines(desk, botId, line, view, performance.now()))
      output.line(`${paint(botId, botId.padEnd(NAME_COLUMNS))}${text}`);
  };
  const links = new ConsoleLinks(sockets, show, signal);

  const send = async (meant: Typed) => {
    if (meant.kind === "nothing") return;
    if (meant.kind === "refused") {
      tell(meant.text);
      return;
    }
    const botId = meant.kind === "press" ? meant.press.source : links.connected[0];
    const end =
      botId === undefined
        ? undefined
        : await links.act(botId, (connection) =>
            meant.kind === "press" ? connection.press(meant.press) : connection.say(meant.text),
          );
    if (end === "answered" || signal.aborted) return;
    tell(
      end === "lost"
        ? `${botId} went away before it answered`
        : "no agent's console is connected; try again in a moment (!help works without one)",
    );
  };

  const enter = async (line: string) => {
    const { question } = desk;
    if (line.trim() !== "")
      tell(promptView(question, { line, cursor: line.length }, output.columns - NAME_COLUMNS).text);
    if (!desk.isAsking && line.trim().startsWith("!")) {
      for (const text of await commands.run(line.trim())) tell(text);
    } else await send(desk.enter(line, performance.now()));
  };

  const prompt = openPrompt(
    input,
    {
      onChange(now) {
        typed = now;
        draw();
      },
      onLine: (line) => void enter(line),
      onInterrupt: onEnd,
      onEnd,
    },
    () => desk.question.isSecret,
  );
  draw();
  return {
    async close() {
      prompt.close();
      output.prompt(undefined);
      await links.over;
    },
  };
}
