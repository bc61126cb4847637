/** Actions that only read. */
import type { Action } from "@elizaos/core";
import { findPort, type OracleSnapshot } from "@jeju-oracle/kit";
import { describePrices, describeStatus } from "./describe.ts";

function readAction(
  name: string,
  description: string,
  describe: (snapshot: OracleSnapshot) => string,
): Action {
  return {
    name,
    description,
    validate: async () => true,
    handler: async (runtime, _message, _state, _options, callback) => {
      const control = findPort(runtime, "oracle-updater");
      const text = control === undefined ? "The price loop is still starting." : describe(control.snapshot());
      await callback?.({ text });
      return { success: control !== undefined, text };
    },
  };
}

export const statusAction = readAction(
  "ORACLE_STATUS",
  "Health, price age and the latest decision of this agent.",
  describeStatus,
);

export const pricesAction = readAction(
  "ORACLE_PRICES",
  "Prices on chain beside those of the sources.",
  describePrices,
);
