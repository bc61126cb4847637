/**
 * Actions that change something. A message or a language model can invoke an action, so each asks the confirmation gate
 * for the person who confirmed exactly this action with exactly these parameters; without a gate the answer is no (G6).
 */
import { createHash } from "node:crypto";
import type { Action } from "@elizaos/core";
import { findPort, type OracleControl } from "@jeju-oracle/kit";
import { z } from "zod";

const reasonSchema = z.object({ reason: z.string().min(1).max(200) });
type Parameters = z.output<typeof reasonSchema>;

/** Digest that a confirmation is bound to. */
export function parametersDigest(parameters: Parameters): string {
  return createHash("sha256")
    .update(JSON.stringify({ reason: parameters.reason }))
    .digest("hex");
}

function controlAction(
  name: string,
  description: string,
  execute: (control: OracleControl, by: string, reason: string) => Promise<string> | string,
): Action {
  return {
    name,
    description,
    validate: async () => true,
    handler: async (runtime, _message, _state, options, callback) => {
      const answer = async (success: boolean, text: string) => {
        await callback?.({ text });
        return { success, text };
      };
      const parameters = reasonSchema.safeParse(options?.parameters ?? options);
      if (!parameters.success)
        return answer(false, `${name} needs a reason of 1 to 200 characters. Nothing was done.`);
      const control = findPort(runtime, "oracle-updater");
      if (control === undefined) return answer(false, "The price loop is still starting. Nothing was done.");
      const by = findPort(runtime, "confirmation")?.consume(name, parametersDigest(parameters.data));
      if (by === undefined) return answer(false, `${name} needs a person's confirmation. Nothing was done.`);
      return answer(true, await execute(control, by, parameters.data.reason));
    },
  };
}

export const pauseAction = controlAction(
  "ORACLE_PAUSE",
  "Stops price updates until resumed.",
  (control, by, reason) => {
    control.pause({ by, reason });
    return "Updates are paused.";
  },
);

export const resumeAction = controlAction(
  "ORACLE_RESUME",
  "Ends a pause or a foreign-update hold.",
  (control, by, reason) => {
    control.resume({ by, reason });
    return "Updates are resumed.";
  },
);

export const forceUpdateAction = controlAction(
  "ORACLE_FORCE_UPDATE",
  "Runs one update now; every check still applies.",
  async (control, by, reason) => {
    const { landed, detail } = await control.forceUpdate({ by, reason });
    return landed ? `The update ${detail}.` : `No update: ${detail}.`;
  },
);
