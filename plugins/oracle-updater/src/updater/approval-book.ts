/**
 * The latest approval of a held price. It is for one move away from one update on chain: the chain, which every agent and every later
 * run reads, tells when it is used up. So nothing of it has to be stored here.
 */
import type { HoldApproval, Logger } from "@jeju-oracle/kit";

export class ApprovalBook {
  readonly #logger: Logger;
  #approval: HoldApproval | undefined;
  /** The one that counted already: said once. */
  #toldId: string | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Replaces an earlier approval. */
  take(approval: HoldApproval): void {
    this.#approval = approval;
  }

  /**
   * The approval that counts now.
   * @param lastUpdateS time of the update on chain, s.
   * @param nowS chain time, s. Once it is over it stays over, also when an older block is read after that.
   */
  current(lastUpdateS: bigint, nowS: bigint): HoldApproval | undefined {
    const approval = this.#approval;
    if (approval === undefined) return undefined;
    if (nowS > approval.untilChainTimeS || lastUpdateS > approval.lastUpdateS) {
      this.#approval = undefined;
      return undefined;
    }
    // An endpoint that lags behind the approver's: it counts once this agent has caught up.
    if (lastUpdateS < approval.lastUpdateS) return undefined;
    if (this.#toldId !== approval.id) {
      this.#toldId = approval.id;
      const { id, by, reason } = approval;
      this.#logger.warn("Held price approved", { approval: id, by, reason });
    }
    return approval;
  }
}
