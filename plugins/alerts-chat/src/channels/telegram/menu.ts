/** The list of commands that Telegram shows while somebody types: https://core.telegram.org/bots/api#setmycommands */
import { InvariantError } from "@jeju-oracle/kit";
import type { BotCommand } from "telegraf/types";
import { MAX_COMMAND_ABOUT_LENGTH, MAX_MENU_COMMANDS } from "./limits.ts";

export interface MenuCommand {
  /** Without the slash. */
  readonly name: string;
  readonly about: string;
}

/** @throws {InvariantError} for what Telegram would refuse */
export function menuOf(commands: readonly MenuCommand[]): readonly BotCommand[] {
  if (commands.length > MAX_MENU_COMMANDS)
    throw new InvariantError("more commands than Telegram shows", { commands: commands.length });
  return commands.map(({ name, about }) => {
    if (!/^[a-z0-9_]{1,32}$/.test(name))
      throw new InvariantError("Telegram allows a-z, 0-9 and _ in a command, up to 32", { command: name });
    const description = about.slice(0, MAX_COMMAND_ABOUT_LENGTH).toWellFormed();
    if (description.trim() === "")
      throw new InvariantError("a command needs a description", { command: name });
    return { command: name, description };
  });
}
