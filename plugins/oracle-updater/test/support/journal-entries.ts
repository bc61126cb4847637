import type { JournalEntry, JournalScope } from "../../src/transaction/journal.ts";
import { GWEI } from "./fixtures.ts";

export const SCOPE: JournalScope = { chainId: 1337, sender: "0x00000000000000000000000000000000000000aa" };

/** An update at `nonce`; entries with the same `salt` and nonce have the same hash. */
export function entryAt(nonce: number, salt = 0): JournalEntry {
  return {
    hash: `0x${(nonce * 1_000 + salt).toString(16).padStart(64, "0")}`,
    nonce,
    kind: "update",
    raw: "0x02f8",
    ethUsd8: 310_000_000_000n,
    elizaUsd8: 12_400_000n,
    maxFeePerGasWei: 3n * GWEI,
    maxPriorityFeePerGasWei: GWEI,
    reason: "heartbeat",
  };
}
