/** Proposals as records of the fleet's store. Each transition is one compare-and-set of exactly the version that was read. */
import { BaseError, decodeJson, type SharedRecords, type StoreRecord } from "@jeju-oracle/kit";
import { type Proposal, proposalSchema } from "./proposal.ts";

const PROPOSAL_PREFIX = "proposal/";
/** Ended proposals are kept for the audit, bounded. */
const KEPT_ENDED = 100;

/** A proposal and the version that it was read in. */
export interface Filed {
  readonly proposal: Proposal;
  readonly record: StoreRecord;
}

/** Somebody else changed the proposal first. Nothing was written. */
export class ProposalMovedError extends BaseError {
  readonly current: Proposal | undefined;

  constructor(id: string, current: Proposal | undefined) {
    super(`proposal ${id.slice(0, 6)} is ${current?.state ?? "gone"} already`, {
      code: "proposal-moved",
      retryable: false,
      nextStep: "Look at `/pending`; somebody else pressed first.",
    });
    this.current = current;
  }
}

export class ProposalBook {
  readonly #records: SharedRecords;

  constructor(records: SharedRecords) {
    this.#records = records;
  }

  /** @throws {StoreUnavailableError} {ProposalMovedError} for an id that exists. */
  async file(proposal: Proposal): Promise<Filed> {
    return this.#write(null, proposal);
  }

  /** @throws {StoreUnavailableError} */
  async find(id: string): Promise<Filed | undefined> {
    const record = await this.#records.read(`${PROPOSAL_PREFIX}${id}`);
    return record === null ? undefined : decode(record);
  }

  /** Moves a proposal on. @throws {ProposalMovedError} when it is no longer as it was read. {StoreUnavailableError} */
  async move(filed: Filed, change: Partial<Proposal>): Promise<Filed> {
    return this.#write(filed.record, { ...filed.proposal, ...change, nonce: crypto.randomUUID() });
  }

  /** Every proposal that is kept, oldest first. @throws {StoreUnavailableError} */
  async list(): Promise<readonly Filed[]> {
    const records = await this.#records.list(PROPOSAL_PREFIX);
    return records
      .flatMap((record) => decode(record) ?? [])
      .sort((a, b) => a.proposal.proposedAtMs - b.proposal.proposedAtMs);
  }

  /** Removes the oldest ended proposals beyond what is kept. @throws {StoreUnavailableError} */
  async tidy(): Promise<void> {
    const ended = (await this.list()).filter(({ proposal }) => hasEnded(proposal));
    for (const { record } of ended.slice(0, -KEPT_ENDED)) await this.#records.cas(record.name, record, null);
  }

  async #write(previous: StoreRecord | null, proposal: Proposal): Promise<Filed> {
    const name = `${PROPOSAL_PREFIX}${proposal.id}`;
    const result = await this.#records.cas(name, previous, JSON.stringify(proposal));
    if (result.won && result.record !== null) return { proposal, record: result.record };
    const current = result.won || result.current === null ? undefined : decode(result.current);
    throw new ProposalMovedError(proposal.id, current?.proposal);
  }
}

/** Nothing will happen to it any more. */
export function hasEnded({ state }: Proposal): boolean {
  return state !== "awaiting" && state !== "confirmed" && state !== "executing";
}

function decode(record: StoreRecord): Filed | undefined {
  const proposal = decodeJson(proposalSchema, record.value);
  return proposal === undefined ? undefined : { proposal, record };
}
