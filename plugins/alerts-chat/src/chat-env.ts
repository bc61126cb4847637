/** The variables of chat and alert channels: one table from those of each part, and the relations between them. */
import {
  type ConfigProblem,
  defineEnv,
  type Env,
  type EnvValues,
  envTypes,
  parseEnv,
  silentLogger,
} from "@jeju-oracle/kit";
import { alertmanagerEnv } from "./alertmanager/alertmanager-env.ts";
import { consoleEnv } from "./channels/console/index.ts";
import { discordEnv, discordRelations } from "./channels/discord/index.ts";
import { pagerDutyEnv } from "./channels/pagerduty/index.ts";
import { telegramEnv, telegramRelations } from "./channels/telegram/index.ts";
import { heartbeatEnv } from "./heartbeat/index.ts";
import { ownerEnv } from "./owner/owner-env.ts";
import { PeopleKeeper } from "./people/people-keeper.ts";
import { scheduleEnv } from "./schedule/schedule-env.ts";

const peopleEnv = defineEnv({
  OPERATORS_FILE: {
    schema: envTypes.string().optional(),
    about:
      "YAML file (mode 600) of who may do what: `operators: [{ id, role, telegram, discord, totp }]` and `oncall`. Unset: everybody in the team's chats may read, nobody may change anything.",
    example: "/etc/jeju-oracle/operators.yaml",
  },
});

/** Every variable this plugin reads. */
export const alertsChatEnv = {
  ...peopleEnv,
  ...consoleEnv,
  ...telegramEnv,
  ...discordEnv,
  ...pagerDutyEnv,
  ...alertmanagerEnv,
  ...heartbeatEnv,
  ...ownerEnv,
  ...scheduleEnv,
};

export type ChatConfig = EnvValues<typeof alertsChatEnv>;

/** Reads the plugin's configuration. @throws {ConfigError} with one problem per wrong variable. */
export function loadChatConfig(env: Env): ChatConfig {
  return parseEnv(alertsChatEnv, env, (values): readonly ConfigProblem[] => [
    ...telegramRelations(values),
    ...discordRelations(values),
  ]);
}

/** As {@link loadChatConfig}, and the operators file is read. @throws {ConfigError} naming line and field. */
export function checkChatConfig(env: Env): void {
  new PeopleKeeper(loadChatConfig(env).OPERATORS_FILE, silentLogger);
}
