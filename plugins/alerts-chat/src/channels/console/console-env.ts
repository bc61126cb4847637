/** The variable of the console channel. */
import { defineEnv } from "@jeju-oracle/kit";
import { z } from "zod";

/** Every variable this channel reads beside STATE_DIR, in which its socket lies. */
export const consoleEnv = defineEnv({
  CONSOLE_OPERATOR: {
    schema: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$/, "must be the id of an operator in OPERATORS_FILE")
      .optional(),
    about:
      "Who speaks through `oracle-agent chat` on this host: an operator's id. Whoever may open the socket `chat.sock` in STATE_DIR (mode 0600: the user of the agent, and root) acts as that operator. Unset: nobody, so that it only reads.",
    example: "alice",
    perHost: true,
  },
});
