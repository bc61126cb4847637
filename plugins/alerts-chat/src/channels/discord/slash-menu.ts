/** The list of commands that Discord offers: https://docs.discord.com/developers/interactions/application-commands. Pure. */
import { InvariantError } from "@jeju-oracle/kit";
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from "discord.js";
import { MAX_DESCRIPTION_LENGTH, MAX_SLASH_COMMANDS } from "./limits.ts";

export interface SlashCommand {
  /** Without the slash. */
  readonly name: string;
  readonly about: string;
  /** What may follow the name. */
  readonly usage?: string;
}

/** One slash command for each, with all that may follow its name in one optional text. @throws {InvariantError} for what Discord would refuse */
export function slashMenuOf(
  commands: readonly SlashCommand[],
): readonly RESTPostAPIChatInputApplicationCommandsJSONBody[] {
  if (commands.length > MAX_SLASH_COMMANDS)
    throw new InvariantError("more commands than Discord takes", { commands: commands.length });
  return commands.map(({ name, about, usage }) => {
    if (!/^[a-z0-9_-]{1,32}$/.test(name))
      throw new InvariantError("a slash command has a-z, 0-9, _ and -, up to 32", { command: name });
    if (about.trim() === "") throw new InvariantError("a command needs a description", { command: name });
    return {
      type: ApplicationCommandType.ChatInput,
      name,
      description: shortened(about),
      options: [
        {
          type: ApplicationCommandOptionType.String,
          name: "args",
          description: shortened(
            usage === undefined || usage.trim() === "" ? "What follows the name" : usage,
          ),
          required: false,
        },
      ],
    };
  });
}

function shortened(text: string): string {
  return text.slice(0, MAX_DESCRIPTION_LENGTH).toWellFormed();
}
