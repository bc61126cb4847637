/** A store as a fleet leaves it behind. */
import { silentLogger, systemClock } from "@jeju-oracle/kit";
import { encodeLease } from "../../../plugins/leader-lock/src/election/lease-record.ts";
import { ORACLE_LEASE } from "../../../plugins/leader-lock/src/fleet/names.ts";
import { openStore } from "../../../plugins/leader-lock/src/stores/open-store.ts";
import { settledCas } from "../../../plugins/leader-lock/src/stores/settled-cas.ts";

const OP_TIMEOUT_MS = 3_000;

/**
 * Writes a lease that was let go. Agents watch an empty store on a server for a whole ttl before they claim it, since it may
 * have been wiped under a leader; a test that is not about that need not wait for it.
 */
export async function useStore(url: string): Promise<void> {
  const clock = systemClock;
  const store = await openStore(url, { opTimeoutMs: OP_TIMEOUT_MS, clock, logger: silentLogger });
  const lease = encodeLease({
    term: 0,
    holder: null,
    ttlMs: 1_000,
    timestamp: clock.wallMs(),
    nonce: crypto.randomUUID(),
    why: "an earlier fleet was shut down",
    from: null,
  });
  try {
    await settledCas({ store, clock, opTimeoutMs: OP_TIMEOUT_MS }, ORACLE_LEASE, null, lease);
  } finally {
    await store.close();
  }
}
