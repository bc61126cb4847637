/**
 * A claimed action, from its one execution to what was observed of it. Everything that could make it run twice is here, and
 * nothing does: a process that died, or that could not write down what it did, is found out by reading.
 */
import { BaseError, type Clock, describeError, type Logger, sleep } from "@jeju-oracle/kit";
import type { ControlAction, Plan } from "../actions/control-action.ts";
import type { SystemView } from "../actions/system-view.ts";
import type { Audit, AuditNote } from "../audit/audit-log.ts";
import type { Principal } from "../people/people.ts";
import type { Proposal } from "./proposal.ts";
import type { Filed, ProposalBook } from "./proposal-book.ts";

type Executor = NonNullable<Proposal["executor"]>;

export interface ActionRunOptions {
  readonly view: SystemView;
  readonly book: ProposalBook;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly botId: string;
  readonly incarnation: string;
  /** Whether another process that began to execute still lives; what a dead one began is looked at, never run again. */
  readonly isAlive: (executor: Executor) => boolean;
  /** The card changed: show it where it stands. Must not throw. */
  readonly changed: (proposal: Proposal) => void;
}

/** The action was begun, and what came of it could not be written down. The fleet finds it out by reading. */
export class BegunError extends BaseError {
  constructor(action: string, cause: unknown) {
    super(`${action} was begun, and its outcome could not be written down: ${describeError(cause)}`, {
      code: "outcome-unknown",
      retryable: false,
      nextStep: "Do not repeat it. `/pending` shows what the fleet finds out once its store answers.",
      cause,
    });
  }
}

const VERIFY_EVERY_MS = 1_000;

export class ActionRun {
  readonly #options: ActionRunOptions;
  readonly #stopping: AbortSignal;
  /** What this process runs now. */
  readonly #underWay = new Set<string>();

  constructor(options: ActionRunOptions, stopping: AbortSignal) {
    this.#options = options;
    this.#stopping = stopping;
  }

  /** Whether somebody is at work on it. What this process claimed and does not run any more is nobody's. */
  isUnderWay({ id, executor }: Proposal): boolean {
    if (executor === undefined) return false;
    if (executor.incarnation === this.#options.incarnation) return this.#underWay.has(id);
    return this.#options.isAlive(executor);
  }

  /**
   * Runs a claimed action once, then observes.
   * @throws {BegunError} when it was begun and its record cannot be written. Other errors: it was not begun.
   */
  async execute(claimed: Filed, action: ControlAction, by: Principal): Promise<Proposal> {
    const { id } = claimed.proposal;
    this.#underWay.add(id);
    try {
      return await this.#executeOnce(claimed, action, by);
    } finally {
      this.#underWay.delete(id);
    }
  }

  async #executeOnce(claimed: Filed, action: ControlAction, by: Principal): Promise<Proposal> {
    const { book, view, audit, logger } = this.#options;
    const executing = await book.move(claimed, { state: "executing" });
    const { proposal } = executing;
    audit.write(noteOf(proposal, by.id, "executing", `on ${this.#options.botId}`));
    this.#options.changed(proposal);
    let failure: unknown;
    try {
      await action.execute(view, action.params.parse(proposal.params), {
        by: by.id,
        reason: proposal.reason,
        proposalId: proposal.id,
        baseline: proposal.baseline,
      });
    } catch (error) {
      failure = error;
      logger.error("An action failed; its effect is looked for all the same", {
        action: action.id,
        error: describeError(error),
      });
    }
    try {
      return await this.#observe(executing, action, failure);
    } catch (error) {
      throw new BegunError(action.id, error);
    }
  }

  /**
   * What it came to is what is observed. A failure that leaves no doubt ends it at once; any other may have had its effect, and
   * is watched for as long as a success would be.
   */
  async #observe(filed: Filed, action: ControlAction, failure: unknown): Promise<Proposal> {
    const { clock } = this.#options;
    const isCertain = failure instanceof BaseError && !failure.retryable;
    const endMs = clock.monotonicMs() + (isCertain ? 0 : action.verifyWithinMs);
    for (;;) {
      const { kind, observed } = await this.#verify(action, filed.proposal);
      const why = failure === undefined ? observed : `${describeError(failure)}; ${observed}`;
      if (kind === "verified") return this.end(filed, "verified", observed);
      if (kind === "failed" || isCertain) return this.end(filed, "failed", why);
      if (clock.monotonicMs() >= endMs || this.#stopping.aborted) return this.end(filed, "unknown", why);
      await sleep(clock, VERIFY_EVERY_MS, this.#stopping);
    }
  }

  /** The executor died: reads what came of it, and never runs it again. */
  async findOut(filed: Filed, action: ControlAction | undefined): Promise<void> {
    if (action === undefined) {
      await this.end(filed, "unknown", "its executor died, and this agent does not know the action");
      return;
    }
    const seen = await this.#verify(action, filed.proposal);
    if (seen.kind === "verified") await this.end(filed, "verified", `${seen.observed} (its executor died)`);
    else await this.end(filed, "unknown", `its executor died; ${seen.observed}. It was not run again.`);
  }

  async #verify(action: ControlAction, { params, summary, preconditions, baseline }: Proposal) {
    const plan: Plan = { summary, preconditions, baseline };
    try {
      return await action.verify(this.#options.view, action.params.parse(params), plan);
    } catch (error) {
      return { kind: "pending", observed: `cannot be observed: ${describeError(error)}` } as const;
    }
  }

  /** Ends a proposal, tells the audit and shows the card. @throws {ProposalMovedError} {StoreUnavailableError} {AuditError} */
  async end(filed: Filed, state: Proposal["state"], observed: string): Promise<Proposal> {
    const { book, audit, changed } = this.#options;
    const { proposal } = await book.move(filed, { state, observed });
    audit.write(noteOf(proposal, proposal.confirmedBy ?? "-", state, observed));
    changed(proposal);
    return proposal;
  }
}

export function noteOf(proposal: Proposal, who: string, what: string, detail: string): AuditNote {
  const { action, id: proposalId, place, breakGlass } = proposal;
  const alone = breakGlass === true ? { breakGlass } : {};
  return { who, what, action, proposalId, platform: place.platform, ...alone, detail };
}
