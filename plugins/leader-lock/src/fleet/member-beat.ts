/**
 * A follower's look at the store. Once per renew interval, and when it becomes fit to lead or unfit, it carries this agent's own
 * record along, so that reporting costs no request of its own.
 */
import type { Clock, StoreRecord } from "@jeju-oracle/kit";
import { type AgentIdentity, isSameAgent } from "../election/lease-record.ts";
import type { Exchange } from "./exchange.ts";
import { decodeMember, encodeMember, type FullReport } from "./member-record.ts";
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

/** A goodbye may meet a report of this process that is still under way, and then another. */
const GOODBYES = 3;

export class MemberBeat {
  readonly #options: MemberBeatOptions;
  #writtenAtMs = Number.NEGATIVE_INFINITY;
  #toldFit: boolean | undefined;

  constructor(options: MemberBeatOptions) {
    this.#options = options;
  }

  /** Looks, and reports when that is due. @throws as Exchange. */
  async look(): Promise<void> {
    const { exchange, clock, renewMs, mayWrite, report } = this.#options;
    // A leader in trouble hands over to a fit member only: it should not learn of one an interval late.
    const isDue = clock.monotonicMs() - this.#writtenAtMs >= renewMs || report().fit !== this.#toldFit;
    if (mayWrite() && isDue) await this.report();
    else await exchange.look();
  }

  /** Writes this agent's record. A lost race is made good at the next look, unless the listing shows a rival. @throws as Exchange. */
  async report(): Promise<void> {
    const { clock, ownRecord } = this.#options;
    this.#writtenAtMs = clock.monotonicMs();
    const { won } = await this.#write(ownRecord(), false);
    if (!won) this.reportSoon();
  }

  /** The next look reports, whenever the last one did. */
  reportSoon(): void {
    this.#writtenAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Tells that this process ends in order. @throws as Exchange. */
  async sayGoodbye(): Promise<void> {
    const { mayWrite, ownRecord, self } = this.#options;
    if (!mayWrite()) return;
    let previous = ownRecord();
    for (let attempt = 1; attempt <= GOODBYES; attempt++) {
      const result = await this.#write(previous, true);
      if (result.won) return;
      previous = result.current;
      const writer = previous === null ? undefined : decodeMember(previous.value)?.identity;
      if (writer !== undefined && !isSameAgent(writer, self)) return;
    }
  }

  async #write(previous: StoreRecord | null, stopped: boolean) {
    const { self, exchange, clock } = this.#options;
    const report = this.#options.report();
    this.#toldFit = report.fit;
    const value = encodeMember({
      identity: self,
      stopped,
      timestamp: clock.wallMs(),
      nonce: crypto.randomUUID(),
      report,
    });
    return exchange.write(memberName(self.botId), previous, value);
  }
}
