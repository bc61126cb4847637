/** What commands and actions know of the system and may ask of it. Ports only: chat, command line and tests fill it differently. */
import type {
  Clock,
  FleetControl,
  FleetMember,
  LeadershipStatus,
  Logger,
  OracleSnapshot,
  SharedRecords,
} from "@jeju-oracle/kit";
import type { OwnerOffice } from "../owner/owner-office.ts";

export interface SystemView {
  readonly botId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Undefined while the price loop starts, or on a command line without an agent. */
  snapshot(): OracleSnapshot | undefined;
  leadership(): LeadershipStatus | undefined;
  /** Empty when election is off. */
  members(): readonly FleetMember[];
  storeReachable(): boolean;
  /** False when an agent outside this store updates the same oracle: fleet actions are refused. */
  storeShared(): boolean;
  /** Intents for the whole fleet. Undefined when election is off. */
  readonly fleet: FleetControl | undefined;
  readonly records: SharedRecords | undefined;
  /** The oracle and paymaster contracts as their owner uses them. */
  readonly owner: OwnerOffice;
}
