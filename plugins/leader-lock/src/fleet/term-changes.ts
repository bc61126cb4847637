/** How often the lead changed lately, as this agent saw it by its own clock. */

/** Seed: OracleLeaderElectionFailure. The lead changes when somebody asks for it or fails, not again and again. */
const WINDOW_MS = 600_000;

export class TermChanges {
  /** The term that was seen last; undefined after a time in which nothing could be seen. */
  #term: number | undefined;
  #changes: readonly { readonly atMs: number; readonly terms: number }[] = [];

  /**
   * Takes a look into account.
   * @param term undefined while the store does not answer: what began meanwhile may have done so at any time, and does not count.
   * @returns how many terms began within the last ten minutes.
   */
  saw(term: number | undefined, nowMs: number): number {
    const terms = term === undefined || this.#term === undefined ? 0 : Math.max(0, term - this.#term);
    const recent = this.#changes.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    this.#changes = terms === 0 ? recent : [...recent, { atMs: nowMs, terms }];
    this.#term = term;
    return this.#changes.reduce((sum, change) => sum + change.terms, 0);
  }
}
