/**
 * A follower's look at the store. Once per renew interval, and when it becomes fit to lead or unfit, it carries this agent's own
 * record along, so that reporting costs no request of its own.
 */
import type { Clock, StoreRecord } from "@jeju-oracle/kit";
import type { AgentIdentity } from "../election/lease-record.ts";
import type { Exchange } from "./exchange.ts";
import { encodeMember, type FullReport } from "./member-record.ts";
import { memberName } from "./names.ts";

export interface MemberBeatOptions {
  readonly self: AgentIdentity;
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly renewMs: number;
  /** The own record as last listed. */
  readonly ownRecord: () => StoreRecord | null;
  readonly report: () => FullReport;
  /** Whether this process may write under its bot id. */
  readonly mayWrite: () => boolean;
}

export class MemberBeat {
  readonly #options: MemberBeatOptions;
  #writtenAtMs = Number.NEGATIVE_INFINITY;
  #toldFit: boolean | undefined;

  constructor(options: MemberBeatOptions) {
    this.#options = options;
  }

  /** Looks, and reports when that is due. Lost races need no answer: the listing shows why. @throws as Exchange. */
  async look(): Promise<void> {
    const { exchange, clock, renewMs, mayWrite, report } = this.#options;
    const nowMs = clock.monotonicMs();
    // A leader in trouble hands over to a fit member only: it should not learn of one an interval late.
    const isDue = nowMs - this.#writtenAtMs >= renewMs || report().fit !== this.#toldFit;
    if (!mayWrite() || !isDue) {
      await exchange.look();
      return;
    }
    this.#writtenAtMs = nowMs;
    await this.#write(false);
  }

  /** The next look reports, whenever the last one did. */
  reportSoon(): void {
    this.#writtenAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Tells that this process ends in order. @throws as Exchange. */
  async sayGoodbye(): Promise<void> {
    if (this.#options.mayWrite()) await this.#write(true);
  }

  async #write(stopped: boolean): Promise<void> {
    const { self, exchange, clock, ownRecord } = this.#options;
    const report = this.#options.report();
    this.#toldFit = report.fit;
    const value = encodeMember({
      identity: self,
      stopped,
      timestamp: clock.wallMs(),
      nonce: crypto.randomUUID(),
      report,
    });
    await exchange.write(memberName(self.botId), ownRecord(), value);
  }
}
