/** alerts-chat: conditions that a person should know of. An elizaOS plugin; in this version they go to log and metrics. */
import type { Plugin } from "@elizaos/core";
import { AlertsService } from "./service.ts";

const alertsChatPlugin: Plugin = {
  name: "alerts-chat",
  description: "Reports conditions that a person should know of.",
  services: [AlertsService],
};

export default alertsChatPlugin;
