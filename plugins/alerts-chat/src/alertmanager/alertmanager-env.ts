/** The variable of the Alertmanager webhook. */
import { defineEnv, Secret } from "@jeju-oracle/kit";
import { z } from "zod";

/** Every variable this part reads. Without a token nothing is taken. */
export const alertmanagerEnv = defineEnv({
  ALERTMANAGER_TOKEN: {
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{16,256}$/, "must be 16 to 256 printable characters without a space")
      .transform((text) => new Secret(text))
      .optional(),
    about:
      "Bearer token with which Alertmanager posts to `/alertmanager` of this agent. Unset: nobody can report alerts from outside.",
    example: "the-characters-that-openssl-rand-hex-24-prints",
    source: "https://prometheus.io/docs/alerting/latest/configuration/#webhook_config",
    secret: true,
  },
});
