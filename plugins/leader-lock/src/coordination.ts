/** The fleet's store and the chat lease as other plugins use them. */
import type {
  ChatLeasePort,
  CompareAndSetResult,
  Coordination,
  SharedRecords,
  StoreRecord,
} from "@jeju-oracle/kit";
import { IntentRefusedError } from "./intents/errors.ts";
import { bounded, type StoreAccess, settledCas } from "./stores/settled-cas.ts";

/** Records of other plugins in the fleet's store. */
export class StoreRecords implements SharedRecords {
  readonly available = true;
  readonly #access: StoreAccess;
  readonly #reachable: () => boolean;

  constructor(access: StoreAccess, reachable: () => boolean) {
    this.#access = access;
    this.#reachable = reachable;
  }

  reachable(): boolean {
    return this.#reachable();
  }

  read(name: string): Promise<StoreRecord | null> {
    return bounded(this.#access, `read of ${name}`, (signal) => this.#access.store.read(name, signal));
  }

  list(prefix: string): Promise<readonly StoreRecord[]> {
    return bounded(this.#access, `list of ${prefix}`, (signal) => this.#access.store.list(prefix, signal));
  }

  cas(name: string, previous: StoreRecord | null, next: string | null): Promise<CompareAndSetResult> {
    return settledCas(this.#access, name, previous, next);
  }

  watch(prefix: string, onChange: () => void): () => void {
    return this.#access.store.watch(prefix, onChange);
  }
}

/** Without an election: nothing is shared, and the only agent answers the chats. */
export function aloneCoordination(botId: string): Coordination {
  const nothingShared = () =>
    Promise.reject(
      new IntentRefusedError(
        "election is off: there is no store that agents share",
        "Set LEADER_ELECTION_ENABLED=true and LEADER_LOCK_URL.",
      ),
    );
  const chatLease: ChatLeasePort = {
    start: () => undefined,
    holds: () => true,
    holderId: () => botId,
    reportReachable: () => undefined,
  };
  return {
    records: {
      available: false,
      reachable: () => false,
      read: nothingShared,
      list: nothingShared,
      cas: nothingShared,
      watch: () => () => undefined,
    },
    chatLease,
  };
}
