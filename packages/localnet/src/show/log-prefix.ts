/** Whose line it is, before each line of the log, in one column. Pure. */
import type { Paint } from "./fleet-status.ts";

/** ANSI foreground colours; yellow and red are for warnings and errors. */
const COLOUR_OF_BOT = ["36", "35", "32", "34", "96"] as const;
const COLOUR_OF_LEVEL: Readonly<Record<string, string>> = { warn: "33", error: "31" };
/** `market` is the longest name; a bot's is `bot-<n>`. */
const NAME_WIDTH = 6;

/** A colour per bot, by its number, or none. */
export function botPaint(colours: boolean): Paint {
  return (botId, text) => {
    const number = Number(/\d+$/.exec(botId)?.[0] ?? 0);
    return colours ? inColour(COLOUR_OF_BOT[number % COLOUR_OF_BOT.length], text) : text;
  };
}

/** `market │ <text>` */
export function namedLine(name: string, text: string): string {
  return `${name.padEnd(NAME_WIDTH)} │ ${text}`;
}

/** An agent's line with the bot before it instead of within it. */
export function botLine(botId: string, line: string, paint: Paint, colours: boolean): string {
  const text = line.replace(` botId=${botId}`, "");
  const shown = colours
    ? text.replace(/^(\S+ )(warn|error)\b/, (_, time: string, level: string) => {
        return time + inColour(COLOUR_OF_LEVEL[level], level);
      })
    : text;
  return `${paint(botId, botId.padEnd(NAME_WIDTH))} │ ${shown}`;
}

function inColour(code: string | undefined, text: string): string {
  return code === undefined ? text : `\u001b[${code}m${text}\u001b[0m`;
}
