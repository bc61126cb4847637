/** The variables of the dead-man's switch. */
import { defineEnv, envTypes, registerUrlSecrets, Secret } from "@jeju-oracle/kit";

/** Every variable this part reads. Without a URL nobody outside is told. */
export const heartbeatEnv = defineEnv({
  HEARTBEAT_URL: {
    schema: envTypes
      .url("https", "http")
      .transform((url) => {
        registerUrlSecrets(url);
        return new Secret(url);
      })
      .optional(),
    about:
      "Address of an outside dead-man's switch that is asked (GET) while this agent makes progress; when it hears nothing, it calls the team. The same on all hosts: it calls when every agent is gone. One of its own for each host: it calls for each.",
    example: "https://hc.example.com/ping/the-key-of-the-check",
    source: "https://healthchecks.io/docs/http_api/",
    secret: true,
    perHost: true,
  },
  HEARTBEAT_PING_INTERVAL_S: {
    schema: envTypes.integer(10, 3_600),
    about: "Time in s between two such requests. The outside service waits for several of them.",
    example: "60",
    default: "60",
  },
});
