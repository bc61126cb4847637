/** The fleet as an operator reaches it without an agent: straight through the store, from any host. */
import type { Clock, Env, FleetControl, Logger } from "@jeju-oracle/kit";
import { loadStoreConfig } from "./config.ts";
import { decodeLease, type LeaseRecord } from "./election/lease-record.ts";
import { type HistoryEntry, readHistory } from "./fleet/history.ts";
import { decodeMember, decodeReport, type MemberRecord } from "./fleet/member-record.ts";
import { FAILOVER_INTENT, FLEET_PREFIX, MEMBER_PREFIX, ORACLE_LEASE } from "./fleet/names.ts";
import { ownProcess } from "./identity/own-identity.ts";
import { type Liveness, probeProcess } from "./identity/process-probe.ts";
import { FleetAdmin } from "./intents/fleet-admin.ts";
import { decodeFailover, type FailoverIntent } from "./intents/intent-records.ts";
import { type Orders, ordersIn } from "./intents/obedience.ts";
import { openStore } from "./stores/open-store.ts";
import { bounded, type StoreAccess } from "./stores/settled-cas.ts";

/** A member as its record tells; its own clock says when it was written. */
export interface MemberEntry {
  readonly identity: MemberRecord["identity"];
  readonly stopped: boolean;
  readonly leads: boolean;
  readonly timestamp: number;
  readonly report: MemberRecord["report"];
  /** Proved on this host; unknown for members of other hosts. */
  readonly liveness: Liveness;
}

/** Everything that the store knows of the fleet at one moment. */
export interface FleetReport {
  readonly store: string;
  readonly lease: LeaseRecord | undefined;
  readonly members: readonly MemberEntry[];
  readonly orders: Orders;
  readonly failover: FailoverIntent | undefined;
}

export interface FleetOffice {
  readonly control: FleetControl;
  /** @throws {StoreUnavailableError} {StoreUnusableError} */
  report(): Promise<FleetReport>;
  /** Oldest first. @throws {StoreUnavailableError} {StoreUnusableError} */
  history(): Promise<readonly HistoryEntry[]>;
  close(): Promise<void>;
}

/** Opens the store that `env` names. @throws {ConfigError} when the variables are wrong. */
export async function openFleetOffice(env: Env, clock: Clock, logger: Logger): Promise<FleetOffice> {
  const config = loadStoreConfig(env);
  const { opTimeoutMs } = config.timing;
  const store = await openStore(config.storeUrl, { opTimeoutMs, clock, logger });
  const access: StoreAccess = { store, clock, opTimeoutMs };
  return {
    control: new FleetAdmin(access),
    report: () => readReport(access),
    history: () => readHistory(access),
    close: () => store.close(),
  };
}

async function readReport(access: StoreAccess): Promise<FleetReport> {
  const listed = await bounded(access, "list of the fleet", (signal) =>
    access.store.list(FLEET_PREFIX, signal),
  );
  const records = new Map(listed.map((record) => [record.name, record]));
  const leaseRecord = records.get(ORACLE_LEASE);
  const lease = leaseRecord === undefined ? undefined : decodeLease(leaseRecord.value);
  const failover = records.get(FAILOVER_INTENT);
  const self = ownProcess();
  const members = listed
    .filter(({ name }) => name.startsWith(MEMBER_PREFIX))
    .flatMap(({ value }) => decodeMember(value) ?? [])
    .map((member) => withLease(member, lease, (process) => probeProcess(process, self)));
  return {
    store: access.store.label,
    lease,
    members,
    orders: ordersIn(records),
    failover: failover === undefined ? undefined : decodeFailover(failover.value),
  };
}

/** A leader reports inside its lease: that is the newer word. */
function withLease(
  { identity, stopped, timestamp, report }: MemberRecord,
  lease: LeaseRecord | undefined,
  probe: (process: MemberRecord["identity"]["process"]) => Liveness,
): MemberEntry {
  const leads = lease?.holder?.incarnation === identity.incarnation;
  const ownWord = leads ? decodeReport(lease.report) : undefined;
  return {
    identity,
    stopped,
    leads,
    timestamp: leads ? Math.max(timestamp, lease.timestamp) : timestamp,
    report: ownWord ?? report,
    liveness: probe(identity.process),
  };
}
