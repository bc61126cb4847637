/** Makes our commands known in the server that the team's channel belongs to. Keeps trying: without them nobody can ask anything. */
import { type AlertCondition, type Clock, describeError, type Logger, sleep } from "@jeju-oracle/kit";
import { Routes } from "discord.js";
import { z } from "zod";
import { backOffMs } from "../back-off.ts";
import type { DiscordApi } from "./discord-api.ts";
import { DiscordRequestError } from "./discord-error.ts";

export interface CommandRegistryOptions {
  readonly api: DiscordApi;
  readonly channelId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly raise: (condition: AlertCondition) => void;
  readonly clear: (key: string) => void;
}

const channelSchema = z.object({ guild_id: z.string() });
const CONDITION = "discord-commands-missing";
/** What a person has to put right may take a while. */
const WAIT_FOR_PERSON_MS = 60_000;

export class CommandRegistry {
  readonly #options: CommandRegistryOptions;

  constructor(options: CommandRegistryOptions) {
    this.#options = options;
  }

  /** Replaces what was registered by `menu`. Returns when that is done or `signal` aborts. Never rejects. */
  async register(applicationId: string, menu: readonly unknown[], signal: AbortSignal): Promise<void> {
    const { clear, clock, logger, raise, random } = this.#options;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#once(applicationId, menu, signal);
        clear(CONDITION);
        return;
      } catch (cause) {
        if (signal.aborted) return;
        const error = DiscordRequestError.from("register the commands", cause, true);
        const fields = { error: describeError(error), nextStep: error.nextStep };
        if (failures === 0) logger.warn("Discord does not know our commands yet", fields);
        if (!error.retryable)
          raise({
            key: CONDITION,
            severity: "warning",
            summary: "Discord does not take our commands",
            nextStep: error.nextStep,
          });
        const waitMs = error.retryAfterMs ?? backOffMs(failures, random());
        await sleep(clock, error.retryable ? waitMs : WAIT_FOR_PERSON_MS, signal);
      }
    }
  }

  async #once(applicationId: string, menu: readonly unknown[], signal: AbortSignal): Promise<void> {
    const { api, channelId } = this.#options;
    const channel = channelSchema.safeParse(
      await api.request("look up the channel", { method: "GET", route: Routes.channel(channelId), signal }),
    );
    if (!channel.success)
      throw new DiscordRequestError("look up the channel", "it belongs to no server", { status: 404 });
    await api.request("register the commands", {
      method: "PUT",
      route: Routes.applicationGuildCommands(applicationId, channel.data.guild_id),
      body: menu,
      signal,
    });
  }
}
