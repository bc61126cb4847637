/** alerts-chat: conditions that a person should know of, and the chats in which engineers ask and act. An elizaOS plugin. */
import type { Plugin } from "@elizaos/core";
import { alertmanagerRoute } from "./alertmanager/alertmanager-route.ts";
import { ChatService, commandContextOf } from "./chat-service.ts";
import { toAction } from "./commands/eliza-actions.ts";
import { COMMANDS } from "./commands/index.ts";
import { AlertsService } from "./service.ts";

export { alertsChatEnv, checkChatConfig } from "./chat-env.ts";

const alertsChatPlugin: Plugin = {
  name: "alerts-chat",
  description: "Reports conditions that a person should know of, and answers engineers in their chats.",
  services: [AlertsService, ChatService],
  actions: COMMANDS.map((command) => toAction(command, commandContextOf)),
  routes: [alertmanagerRoute((runtime) => commandContextOf(runtime)?.alerts)],
};

export default alertsChatPlugin;
