/** The fleet as an operator reaches it without an agent: straight through the store, from any host. */
import {
  type Clock,
  type Env,
  type FleetControl,
  type Logger,
  type SharedRecords,
  sleep,
} from "@jeju-oracle/kit";
import { type LeaseTiming, loadStoreConfig } from "./config.ts";
import { StoreRecords } from "./coordination.ts";
import { type FleetReport, fleetReport, type Probe } from "./fleet/fleet-report.ts";
import { type HistoryEntry, readHistory } from "./fleet/history.ts";
import { FLEET_PREFIX } from "./fleet/names.ts";
import { ownProcess } from "./identity/own-identity.ts";
import { probeProcess } from "./identity/process-probe.ts";
import { FleetAdmin } from "./intents/fleet-admin.ts";
import { openStore } from "./stores/open-store.ts";
import { bounded, type StoreAccess } from "./stores/settled-cas.ts";

export interface FleetOffice {
  readonly control: FleetControl;
  /** Records of other plugins in the same store. */
  readonly records: SharedRecords;
  /** The times that this host's variables give; a lease tells its own ttl. */
  readonly timing: LeaseTiming;
  /** @throws {StoreUnavailableError} {StoreUnusableError} */
  report(): Promise<FleetReport>;
  /** Oldest first. @throws {StoreUnavailableError} {StoreUnusableError} */
  history(): Promise<readonly HistoryEntry[]>;
  /** Resolves soon after a record changed since the latest report, and at the latest after `atMostMs` or at `signal`. */
  changed(atMostMs: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Opens the store that `env` names; nothing is asked of it yet. @throws {ConfigError} when the variables are wrong. */
export async function openFleetOffice(env: Env, clock: Clock, logger: Logger): Promise<FleetOffice> {
  // Whether agents of this host elect a leader says nothing of the fleet in the store.
  const { timing, storeUrl } = loadStoreConfig({ ...env, LEADER_ELECTION_ENABLED: "true" });
  const { opTimeoutMs } = timing;
  const store = await openStore(storeUrl, { opTimeoutMs, clock, logger });
  return fleetOffice({ store, clock, opTimeoutMs }, timing);
}

/** An office over an open store. */
export function fleetOffice(access: StoreAccess, timing: LeaseTiming): FleetOffice {
  const { store, clock } = access;
  const self = ownProcess();
  const probe: Probe = (process) => probeProcess(process, self);
  let endWatch: (() => void) | undefined;
  /** Aborted by a change after the latest report. */
  let unchanged = new AbortController();
  return {
    control: new FleetAdmin(access, probe),
    records: new StoreRecords(access, () => true),
    timing,
    async report() {
      unchanged = new AbortController();
      const listed = await bounded(access, "list of the fleet", (signal) => store.list(FLEET_PREFIX, signal));
      return fleetReport(store.label, listed, probe);
    },
    history: () => readHistory(access),
    async changed(atMostMs, signal) {
      endWatch ??= store.watch(FLEET_PREFIX, () => unchanged.abort());
      await sleep(clock, atMostMs, AbortSignal.any([signal, unchanged.signal]));
    },
    async close() {
      endWatch?.();
      unchanged.abort();
      await store.close();
    },
  };
}
