/** A store as a fleet leaves it behind. */
import { silentLogger, systemClock } from "@jeju-oracle/kit";
import { encodeLease } from "../../../plugins/leader-lock/src/election/lease-record.ts";
import { CHAT_LEASE, ORACLE_LEASE } from "../../../plugins/leader-lock/src/fleet/names.ts";
import { openStore } from "../../../plugins/leader-lock/src/stores/open-store.ts";
import { settledCas } from "../../../plugins/leader-lock/src/stores/settled-cas.ts";

const OP_TIMEOUT_MS = 3_000;

/**
 * Writes leases that were let go. Agents watch an empty store on a server for a whole ttl before they claim it, since it may
 * have been wiped under a leader; a test that is not about that need not wait for it.
 */
export async function useStore(url: string): Promise<void> {
  const clock = systemClock;
  const store = await openStore(url, { opTimeoutMs: OP_TIMEOUT_MS, clock, logger: silentLogger });
  try {
    for (const name of [ORACLE_LEASE, CHAT_LEASE]) {
      const lease = encodeLease({
        term: 0,
        holder: null,
        ttlMs: 1_000,
        timestamp: clock.wallMs(),
        nonce: crypto.randomUUID(),
        why: "an earlier fleet was shut down",
        from: null,
      });
      await settledCas({ store, clock, opTimeoutMs: OP_TIMEOUT_MS }, name, null, lease);
    }
  } finally {
    await store.close();
  }
}
