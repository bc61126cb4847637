/**
 * Proposals from the wish to the observed effect, on this host. The promise (G6) rests on two things: judgePress says yes, and one
 * compare-and-set claims the proposal. Whoever loses either does nothing.
 */
import { BaseError, describeError, sleep } from "@jeju-oracle/kit";
import type { ControlAction } from "../actions/control-action.ts";
import { BREAK_GLASS, breakGlassOf } from "../conversation/break-glass-of.ts";
import type { Inbound, InboundMessage, InboundPress, Place } from "../conversation/inbound.ts";
import type { People, Principal } from "../people/people.ts";
import { ActionRun, type ActionRunOptions, BegunError, noteOf } from "./action-run.ts";
import { decodeButton, newProposalId } from "./buttons.ts";
import { digestOf } from "./digest.ts";
import { isExpired, judgePress, type PressInput } from "./judge-press.ts";
import type { Proposal } from "./proposal.ts";
import { type Filed, hasEnded, ProposalMovedError } from "./proposal-book.ts";
import type { TotpGuard } from "./totp-guard.ts";
import { typedPressOf } from "./typed-press.ts";

export interface ConfirmationsOptions extends ActionRunOptions {
  readonly actions: ReadonlyMap<string, ControlAction>;
  readonly people: People;
  readonly totp: TotpGuard;
}

export interface Wish {
  readonly action: string;
  readonly params: unknown;
  readonly proposer: Principal;
  readonly via: Proposal["via"];
  readonly reason: string;
  readonly place: Place;
}

/** What a press came to, in words for the one who pressed. */
export type PressResult =
  | { readonly kind: "done"; readonly text: string; readonly proposal: Proposal }
  | { readonly kind: "refused"; readonly refusal: string; readonly text: string };

const VALID_FOR_MS = { normal: 120_000, critical: 300_000 } as const;
/** A platform tells a message's id in the answer to its sending: two seconds are far more than that takes. */
const BIND_LOOKS = 11;
const BIND_LOOK_EVERY_MS = 200;
/** Bounds the memory of presses that were handled: a platform repeats one within minutes. */
const REMEMBERED_PRESSES = 1_000;

export class Confirmations {
  readonly #options: ConfirmationsOptions;
  /** When this host first saw a proposal, by its monotonic clock. */
  readonly #firstSeenMs = new Map<string, number>();
  readonly #handledPresses = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #run: ActionRun;

  constructor(options: ConfirmationsOptions) {
    this.#options = options;
    this.#run = new ActionRun(options, this.#stopping.signal);
  }

  /**
   * Proposes. Nothing happens before somebody presses.
   * @throws {BaseError} when the person may not, the parameters are wrong, the store is not shared, or the plan makes no sense.
   */
  async propose(wish: Wish): Promise<Filed> {
    const { book, view, audit, clock } = this.#options;
    const action = this.#actionOf(wish.action);
    this.#requireSharedStore();
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
    this.#sawFirst(filed.proposal.id);
    audit.write(noteOf(filed.proposal, wish.proposer.id, "proposed", `${wish.via}: ${wish.reason}`));
    return filed;
  }

  /** Binds the card that was sent: only its button counts. @throws {ProposalMovedError} {StoreUnavailableError} */
  bind(filed: Filed, messageId: string): Promise<Filed> {
    return this.#options.book.move(filed, { messageId });
  }

  /** Handles a press of a card's button. Never throws. @returns undefined when the button is no card's. */
  async press(press: InboundPress): Promise<PressResult | undefined> {
    const button = decodeButton(press.data);
    if (button === undefined) return undefined;
    return this.#once(press, () =>
      button.kind === "cancel" ? this.#cancel(press, button.id) : this.#confirm(press, button),
    );
  }

  /** Handles a typed break-glass as the press that it stands for. Never throws. @returns undefined when the message is none. */
  async breakGlass(message: InboundMessage): Promise<PressResult | undefined> {
    const words = breakGlassOf(message.text);
    if (words === undefined) return undefined;
    return this.#once(message, async () => {
      const { book, people } = this.#options;
      const proposals = (await book.list()).map(({ proposal }) => proposal);
      const typed = typedPressOf(message, words, proposals);
      if (typed !== undefined) return this.#confirm(typed.press, typed.button, message);
      const text = `No proposal has this code. The card shows it: ${BREAK_GLASS.usage}`;
      return this.#refused(message, undefined, people.principalOf(message.caller), {
        refusal: "unknown",
        text,
      });
    });
  }

  /** One event is handled once; what fails is told as what it left. */
  async #once(event: Inbound, work: () => Promise<PressResult>): Promise<PressResult> {
    if (this.#isRepeated(event)) {
      return { kind: "refused", refusal: "duplicate", text: "This was handled already." };
    }
    try {
      return await work();
    } catch (error) {
      const text =
        error instanceof ProposalMovedError || error instanceof BegunError
          ? `${error.message}. ${error.nextStep}`
          : `Nothing was done: ${describeError(error)}${error instanceof BaseError ? ` ${error.nextStep}` : ""}`;
      return { kind: "refused", refusal: error instanceof BaseError ? error.code : "unexpected", text };
    }
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
        this.#firstSeenMs.delete(proposal.id);
        continue;
      }
      const seenForMs = this.#seenForMs(proposal.id);
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

  async #confirm(
    press: InboundPress,
    button: PressInput["button"],
    typed?: InboundMessage,
  ): Promise<PressResult> {
    const { book, people, clock, audit } = this.#options;
    const filed = await this.#findBound(button.id);
    const proposal = filed?.proposal;
    const action = proposal === undefined ? undefined : this.#options.actions.get(proposal.action);
    const principal = people.principalOf(press.caller);
    const input = {
      press,
      button,
      proposal,
      principal,
      neededRole: button.kind === "break-glass" ? "approver" : (action?.role ?? "approver"),
      wallMs: clock.wallMs(),
      seenForMs: proposal === undefined ? 0 : this.#seenForMs(proposal.id),
      preconditions: proposal?.preconditions,
      sharedStore: this.#sharesStore(),
      ...(typed === undefined ? {} : { typed }),
    };
    // First without what costs something: a password is used up, and the plan reads the chain.
    const assumed = (press.form?.totp.trim() ?? "") === "" ? "missing" : "right";
    const first = judgePress({ ...input, totp: assumed });
    if (first.kind === "refused") return this.#refused(press, proposal, principal, first);
    if (filed === undefined || action === undefined || principal === undefined) {
      return { kind: "refused", refusal: "unknown", text: "This proposal is not known any more." };
    }
    const preconditions = await this.#preconditionsNow(action, filed.proposal);
    const second = judgePress({ ...input, preconditions, totp: assumed });
    if (second.kind === "refused") return this.#refused(press, proposal, principal, second);
    const totp =
      button.kind === "break-glass" ? await this.#options.totp.check(principal, press.form?.totp) : "right";
    const judged = judgePress({ ...input, preconditions, totp });
    if (judged.kind === "refused") return this.#refused(press, proposal, principal, judged);
    const executor = {
      botId: this.#options.botId,
      incarnation: this.#options.incarnation,
      startedAtMs: clock.wallMs(),
    };
    const claimed = await book.move(filed, {
      state: "confirmed",
      confirmedBy: judged.by.id,
      breakGlass: judged.breakGlass,
      executor,
    });
    audit.write(
      noteOf(
        claimed.proposal,
        judged.by.id,
        "confirmed",
        judged.breakGlass ? `break-glass: ${press.form?.reason ?? ""}` : "pressed the button of the card",
      ),
    );
    this.#options.changed(claimed.proposal);
    const ended = await this.#run.execute(claimed, action, judged.by);
    return { kind: "done", text: `${ended.state}: ${ended.observed ?? ""}`, proposal: ended };
  }

  /** A press can overtake the binding of the card that it stands on: that is waited for, not refused. */
  async #findBound(id: string): Promise<Filed | undefined> {
    const { book, clock } = this.#options;
    for (let look = 1; ; look++) {
      const filed = await book.find(id);
      if (filed === undefined || filed.proposal.messageId !== undefined || look >= BIND_LOOKS) return filed;
      await sleep(clock, BIND_LOOK_EVERY_MS, this.#stopping.signal);
    }
  }

  async #cancel(press: InboundPress, id: string): Promise<PressResult> {
    const { book, people } = this.#options;
    const filed = await book.find(id);
    const principal = people.principalOf(press.caller);
    if (filed === undefined || principal === undefined) {
      return { kind: "refused", refusal: "unknown", text: "You cannot cancel this." };
    }
    const { proposal } = filed;
    const samePlace =
      press.place.platform === proposal.place.platform && press.place.chatId === proposal.place.chatId;
    if (!samePlace || proposal.state !== "awaiting") {
      return { kind: "refused", refusal: "not-awaiting", text: `This proposal is ${proposal.state}.` };
    }
    const ended = await this.#run.end(filed, "cancelled", `by ${principal.id}`);
    return { kind: "done", text: "Cancelled. Nothing was done.", proposal: ended };
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

  #refused(
    { caller }: Inbound,
    proposal: Proposal | undefined,
    principal: Principal | undefined,
    { refusal, text }: { readonly refusal: string; readonly text: string },
  ): PressResult {
    const who = principal?.id ?? `${caller.platform}:${caller.userId}`;
    this.#options.audit.write({
      who,
      what: "refused",
      detail: `${refusal}: ${text}`,
      ...(proposal === undefined ? {} : { action: proposal.action, proposalId: proposal.id }),
    });
    return { kind: "refused", refusal, text };
  }

  async #preconditionsNow(action: ControlAction, proposal: Proposal) {
    try {
      const plan = await action.plan(this.#options.view, action.params.parse(proposal.params));
      return plan.preconditions;
    } catch (error) {
      this.#options.logger.warn("The state behind a proposal could not be read again", {
        action: action.id,
        error: describeError(error),
      });
      return undefined;
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

  #sharesStore(): boolean {
    const { view } = this.#options;
    return view.records?.available === true && view.storeReachable() && view.storeShared();
  }

  /** Actions fail closed: what cannot be claimed once in the whole fleet is not proposed. */
  #requireSharedStore(): void {
    if (this.#sharesStore()) return;
    throw new BaseError("the fleet's store is not reachable or not shared by all agents", {
      code: "no-shared-store",
      retryable: true,
      nextStep: "Set LEADER_LOCK_URL to one store on every host, or use `oracle-agent` on a host.",
    });
  }

  #sawFirst(id: string): void {
    if (!this.#firstSeenMs.has(id)) this.#firstSeenMs.set(id, this.#options.clock.monotonicMs());
  }

  #seenForMs(id: string): number {
    this.#sawFirst(id);
    return this.#options.clock.monotonicMs() - (this.#firstSeenMs.get(id) ?? 0);
  }

  #isRepeated({ place, eventId }: Inbound): boolean {
    const key = `${place.platform}:${eventId}`;
    if (this.#handledPresses.has(key)) return true;
    this.#handledPresses.add(key);
    const oldest = this.#handledPresses.values().next().value;
    if (this.#handledPresses.size > REMEMBERED_PRESSES && oldest !== undefined)
      this.#handledPresses.delete(oldest);
    return false;
  }
}
