/** Follows the orders in the latest listing: those to every member, those to this process, and those that only a leader carries out. */
import type { StoreRecord } from "@jeju-oracle/kit";
import type { AgentIdentity } from "../election/lease-record.ts";
import type { DutyRunner } from "./duty-runner.ts";
import { type Obedience, ordersIn, restartOf } from "./obedience.ts";

export interface OrderFollowerOptions {
  readonly self: AgentIdentity;
  readonly records: () => ReadonlyMap<string, StoreRecord>;
  readonly obedience: Obedience;
  readonly duties: DutyRunner;
  readonly leads: () => boolean;
  readonly endProcess: (reason: string, exitCode: number) => void;
}

/** sysexits.h EX_TEMPFAIL: a supervisor starts the agent again. */
const EXIT_RESTART = 75;

export class OrderFollower {
  readonly #options: OrderFollowerOptions;
  #isEnding = false;

  constructor(options: OrderFollowerOptions) {
    this.#options = options;
  }

  /** Called after each listing, and from time to time for what could not be followed then. */
  follow(): void {
    if (this.#isEnding) return;
    const { self, records, obedience, duties, leads, endProcess } = this.#options;
    const listed = records();
    obedience.obey(ordersIn(listed));
    if (leads()) void duties.run();
    const restart = restartOf(listed, self);
    if (restart === undefined) return;
    this.#isEnding = true;
    endProcess(`restart asked for by ${restart.by}: ${restart.reason}`, EXIT_RESTART);
  }

  /** Follows nothing more: this process is stopping. */
  end(): void {
    this.#isEnding = true;
  }
}
