/**
 * Proposals from the wish to the observed effect, on this host. The promise (G6) rests on two things: judgePress says yes, and one
 * compare-and-set claims the proposal. Whoever loses either does nothing.
 */
import { BaseError } from "@jeju-oracle/kit";
import type { ControlAction } from "../actions/control-action.ts";
import type { InboundMessage, InboundPress, Place } from "../conversation/inbound.ts";
import type { Principal } from "../people/people.ts";
import { ActionRun, noteOf } from "./action-run.ts";
import { newProposalId } from "./buttons.ts";
import { digestOf } from "./digest.ts";
import { isExpired } from "./judge-press.ts";
import { PressDesk, type PressDeskOptions, type PressResult } from "./press-desk.ts";
import type { Proposal } from "./proposal.ts";
import { type Filed, hasEnded } from "./proposal-book.ts";
import { SeenSince } from "./seen-since.ts";
import { requireSharedStore } from "./shared-store.ts";

export interface Wish {
  readonly action: string;
  readonly params: unknown;
  readonly proposer: Principal;
  readonly via: Proposal["via"];
  readonly reason: string;
  readonly place: Place;
}

const VALID_FOR_MS = { normal: 120_000, critical: 300_000 } as const;

export class Confirmations {
  readonly #options: PressDeskOptions;
  readonly #stopping = new AbortController();
  readonly #seen: SeenSince;
  readonly #run: ActionRun;
  readonly #desk: PressDesk;

  constructor(options: PressDeskOptions) {
    this.#options = options;
    this.#seen = new SeenSince(options.clock);
    this.#run = new ActionRun(options, this.#stopping.signal);
    this.#desk = new PressDesk(options, this.#run, this.#seen, this.#stopping.signal);
  }

  /**
   * Proposes. Nothing happens before somebody presses.
   * @throws {BaseError} when the person may not, the parameters are wrong, the store is not shared, or the plan makes no sense.
   */
  async propose(wish: Wish): Promise<Filed> {
    const { book, view, audit, clock } = this.#options;
    const action = this.#actionOf(wish.action);
    requireSharedStore(view);
    const params = action.params.parse(wish.params);
    const plan = await action.plan(view, params);
    await this.#supersede(wish);
    const filed = await book.file({
      id: newProposalId(),
      nonce: crypto.randomUUID(),
      action: action.id,
      params,
      digest: digestOf(action.id, params),
      risk: action.risk,
      proposer: wish.proposer.id,
      via: wish.via,
      reason: wish.reason,
      place: wish.place,
      summary: [...plan.summary],
      preconditions: plan.preconditions,
      baseline: plan.baseline,
      ...(plan.handOut === undefined ? {} : { handOut: plan.handOut }),
      proposedAtMs: clock.wallMs(),
      validForMs: VALID_FOR_MS[action.risk],
      state: "awaiting",
    });
    this.#seen.forMs(filed.proposal.id);
    audit.write(noteOf(filed.proposal, wish.proposer.id, "proposed", `${wish.via}: ${wish.reason}`));
    return filed;
  }

  /** Binds the card that was sent: only its button counts. @throws {ProposalMovedError} {StoreUnavailableError} */
  bind(filed: Filed, messageId: string): Promise<Filed> {
    return this.#options.book.move(filed, { messageId });
  }

  /** Handles a press of a card's button. Never throws. @returns undefined when the button is no card's. */
  press(press: InboundPress): Promise<PressResult | undefined> {
    return this.#desk.press(press);
  }

  /** Handles a typed break-glass. Never throws. @returns undefined when the message is none. */
  breakGlass(message: InboundMessage): Promise<PressResult | undefined> {
    return this.#desk.breakGlass(message);
  }

  /**
   * Looks after proposals of the fleet: ends what has expired, and finds out what came of an action whose executor died. Runs on
   * the agent that answers the chats. @throws {StoreUnavailableError}
   */
  async lookAfter(): Promise<void> {
    const { book, clock } = this.#options;
    for (const filed of await book.list()) {
      const { proposal } = filed;
      if (hasEnded(proposal)) {
        this.#seen.forget(proposal.id);
        continue;
      }
      const seenForMs = this.#seen.forMs(proposal.id);
      if (proposal.state === "awaiting") {
        if (isExpired(proposal, clock.wallMs(), seenForMs))
          await this.#run.end(filed, "expired", "nobody confirmed in time");
        continue;
      }
      if (this.#run.isUnderWay(proposal)) continue;
      if (proposal.state === "confirmed")
        await this.#run.end(filed, "cancelled", "its executor died before it began");
      else await this.#run.findOut(filed, this.#options.actions.get(proposal.action));
    }
    await book.tidy();
  }

  /** Ends waiting for verifications: what is not observed yet stays in the record. */
  stop(): void {
    this.#stopping.abort();
  }

  /** One open proposal of an action in a chat: the newer wish replaces the older. */
  async #supersede({ action, place }: Wish): Promise<void> {
    for (const filed of await this.#options.book.list()) {
      const { proposal } = filed;
      const same =
        proposal.action === action &&
        proposal.place.platform === place.platform &&
        proposal.place.chatId === place.chatId;
      if (same && proposal.state === "awaiting")
        await this.#run.end(filed, "superseded", "by a newer proposal");
    }
  }

  #actionOf(id: string): ControlAction {
    const action = this.#options.actions.get(id);
    if (action !== undefined) return action;
    throw new BaseError(`there is no action ${id}`, {
      code: "unknown-action",
      retryable: false,
      nextStep: "`/help` lists what you can ask for.",
    });
  }
}
