/** A fleet as records in a memory store: what agents would have written. */
import { systemClock } from "@jeju-oracle/kit";
import { type AgentIdentity, encodeLease, type LeaseRecord } from "../../../src/election/lease-record.ts";
import { encodeMember, encodeReport, type FullReport } from "../../../src/fleet/member-record.ts";
import { memberName, ORACLE_LEASE } from "../../../src/fleet/names.ts";
import type { StoreAccess } from "../../../src/stores/settled-cas.ts";
import { MemoryStoreServer } from "../../support/memory-store.ts";

export const TIMING = { ttlMs: 20_000, renewMs: 5_000, marginMs: 4_000, opTimeoutMs: 3_000, pollMs: 1_000 };

export function reportWith(changes: Partial<FullReport> = {}): FullReport {
  return {
    version: "0.1.0",
    configHash: "0123456789ab",
    priority: 100,
    nofailover: false,
    healthy: true,
    unhealthyReasons: [],
    fit: true,
    unfitReasons: [],
    lastUpdateMs: 1_700_000_000_000,
    chainEthUsd8: 310_000_000_000n,
    chainElizaUsd8: 12_400_000n,
    sourceEthUsd8: 310_100_000_000n,
    sourceElizaUsd8: 12_410_000n,
    decision: "skip unchanged",
    wouldPush: undefined,
    directiveId: undefined,
    pausedBy: undefined,
    inFlight: false,
    tag: "0xabcd",
    chatReachable: undefined,
    ...changes,
  };
}

export function identityOf(botId: string, incarnation = `${botId}-first`): AgentIdentity {
  return { botId, incarnation, host: `host-of-${botId}`, pid: 4_242 };
}

export class RecordedFleet {
  readonly server = new MemoryStoreServer();

  access(): StoreAccess {
    return { store: this.server.client("operator"), clock: systemClock, opTimeoutMs: TIMING.opTimeoutMs };
  }

  member(identity: AgentIdentity, { stopped = false, report = reportWith(), timestamp = 1_000 } = {}): void {
    this.put(
      memberName(identity.botId),
      encodeMember({ identity, stopped, timestamp, nonce: crypto.randomUUID(), report }),
    );
  }

  /** The lease of `holder`, or a released one. */
  lease(holder: AgentIdentity | null, changes: Partial<LeaseRecord> = {}): LeaseRecord {
    const lease: LeaseRecord = {
      term: 6,
      holder,
      ttlMs: TIMING.ttlMs,
      timestamp: 2_000,
      nonce: crypto.randomUUID(),
      why: "first election in this store",
      from: null,
      ...(holder === null ? {} : { report: encodeReport(reportWith()) }),
      ...changes,
    };
    this.put(ORACLE_LEASE, encodeLease(lease));
    return lease;
  }

  put(name: string, value: string): void {
    this.server.compareAndSet(name, this.server.peek(name), value);
  }

  value(name: string): string | undefined {
    return this.server.peek(name)?.value;
  }
}

/** bot-1 leads, bot-2 follows. */
export function twoBots(): RecordedFleet {
  const fleet = new RecordedFleet();
  fleet.member(identityOf("bot-1"));
  fleet.member(identityOf("bot-2"));
  fleet.lease(identityOf("bot-1"));
  return fleet;
}
