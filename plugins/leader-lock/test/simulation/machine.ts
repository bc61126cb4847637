/** The machine under simulation: the real one, or a copy of its source that was broken on purpose. */
import * as election from "../../src/election/election.ts";
import * as leaseRecord from "../../src/election/lease-record.ts";

export interface Machine {
  readonly initialState: typeof election.initialState;
  readonly leadsAt: typeof election.leadsAt;
  readonly knownLease: typeof election.knownLease;
  readonly nextTickMs: typeof election.nextTickMs;
  readonly step: typeof election.step;
  readonly decodeLease: typeof leaseRecord.decodeLease;
  readonly encodeLease: typeof leaseRecord.encodeLease;
}

export const realMachine: Machine = { ...election, ...leaseRecord };
