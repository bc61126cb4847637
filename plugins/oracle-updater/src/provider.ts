/** Gives a model the state of the oracle as text. Dynamic: it runs only when asked for. */
import type { Provider } from "@elizaos/core";
import { findPort } from "@jeju-oracle/kit";
import { describePrices, describeStatus } from "./actions/describe.ts";

export const oracleStateProvider: Provider = {
  name: "ORACLE_STATE",
  description: "Status and prices of the oracle as this agent sees them.",
  dynamic: true,
  get: async (runtime) => {
    const snapshot = findPort(runtime, "oracle-updater")?.snapshot();
    return snapshot === undefined
      ? { text: "The price loop is still starting." }
      : { text: `${describeStatus(snapshot)}\n${describePrices(snapshot)}` };
  },
};
