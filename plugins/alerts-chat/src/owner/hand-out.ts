/** An owner's call for whoever holds the key: calldata, a `cast` line, and a file for the Safe transaction builder. */
import type { HandOut, OwnerCall } from "./owner-office.ts";

/** Nothing in it is secret: the key is read from the environment of the one who runs it. */
export function handOutOf(call: OwnerCall, chainId: number, createdAtMs: number): HandOut {
  return {
    calldata: call.data,
    castCommand: `cast send ${call.to} ${call.data} --rpc-url $JEJU_RPC_URL --private-key $OWNER_PRIVATE_KEY`,
    safeJson: JSON.stringify(
      {
        version: "1.0",
        chainId: String(chainId),
        createdAt: createdAtMs,
        meta: { name: call.description, description: "Made by oracle-agent", txBuilderVersion: "1.16.5" },
        transactions: [
          { to: call.to, value: "0", data: call.data, contractMethod: null, contractInputsValues: null },
        ],
      },
      null,
      2,
    ),
  };
}
