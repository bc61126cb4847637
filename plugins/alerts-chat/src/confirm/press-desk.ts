/**
 * What people do to a card, on this host: judged, claimed by one compare-and-set, run. Whoever loses the judgement or the claim does
 * nothing.
 */
import { BaseError, describeError, sleep } from "@jeju-oracle/kit";
import type { ControlAction } from "../actions/control-action.ts";
import { BREAK_GLASS, breakGlassOf } from "../conversation/break-glass-of.ts";
import type { Inbound, InboundMessage, InboundPress } from "../conversation/inbound.ts";
import { mayAs, type People, type Principal } from "../people/people.ts";
import { type ActionRun, type ActionRunOptions, BegunError, noteOf } from "./action-run.ts";
import { decodeButton } from "./buttons.ts";
import { judgePress, type PressInput } from "./judge-press.ts";
import type { Proposal } from "./proposal.ts";
import { type Filed, ProposalMovedError } from "./proposal-book.ts";
import type { SeenSince } from "./seen-since.ts";
import { sharesStore } from "./shared-store.ts";
import type { TotpGuard } from "./totp-guard.ts";
import { typedPressOf } from "./typed-press.ts";

export interface PressDeskOptions extends ActionRunOptions {
  readonly actions: ReadonlyMap<string, ControlAction>;
  readonly people: People;
  readonly totp: TotpGuard;
}

/** What a press came to, in words for the one who pressed. */
export type PressResult =
  | { readonly kind: "done"; readonly text: string; readonly proposal: Proposal }
  | { readonly kind: "refused"; readonly refusal: string; readonly text: string };

/** A platform tells a message's id in the answer to its sending: two seconds are far more than that takes. */
const BIND_LOOKS = 11;
const BIND_LOOK_EVERY_MS = 200;
/** Bounds the memory of what was handled: a platform repeats an event within minutes. */
const REMEMBERED_EVENTS = 1_000;

export class PressDesk {
  readonly #options: PressDeskOptions;
  readonly #run: ActionRun;
  readonly #seen: SeenSince;
  readonly #stopping: AbortSignal;
  readonly #handled = new Set<string>();

  constructor(options: PressDeskOptions, run: ActionRun, seen: SeenSince, stopping: AbortSignal) {
    this.#options = options;
    this.#run = run;
    this.#seen = seen;
    this.#stopping = stopping;
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
      seenForMs: proposal === undefined ? 0 : this.#seen.forMs(proposal.id),
      preconditions: proposal?.preconditions,
      sharedStore: sharesStore(this.#options.view),
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
      await sleep(clock, BIND_LOOK_EVERY_MS, this.#stopping);
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
    // Whoever may only read must not be able to hold up those who may act.
    if (proposal.proposer !== principal.id && !mayAs(principal, "responder")) {
      const text = `Cancelling needs the role responder; ${principal.id} is ${principal.role}.`;
      return this.#refused(press, proposal, principal, { refusal: "no-right", text });
    }
    const samePlace =
      press.place.platform === proposal.place.platform && press.place.chatId === proposal.place.chatId;
    if (!samePlace) {
      return { kind: "refused", refusal: "wrong-chat", text: "This proposal belongs to another chat." };
    }
    if (proposal.state !== "awaiting") {
      return { kind: "refused", refusal: "not-awaiting", text: `This proposal is ${proposal.state}.` };
    }
    const ended = await this.#run.end(filed, "cancelled", `by ${principal.id}`);
    return { kind: "done", text: "Cancelled. Nothing was done.", proposal: ended };
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

  #isRepeated({ place, eventId }: Inbound): boolean {
    const key = `${place.platform}:${eventId}`;
    if (this.#handled.has(key)) return true;
    this.#handled.add(key);
    const oldest = this.#handled.values().next().value;
    if (this.#handled.size > REMEMBERED_EVENTS && oldest !== undefined) this.#handled.delete(oldest);
    return false;
  }
}
