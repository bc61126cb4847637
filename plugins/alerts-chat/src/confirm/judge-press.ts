/**
 * Whether a press confirms a proposal (G6). Pure, and the only place that says yes: everything it needs comes as an argument, and
 * whatever is not exactly right is a refusal with its reason. No model can call it: a press has a caller whom a platform vouches
 * for.
 */
import { BREAK_GLASS } from "../conversation/break-glass-of.ts";
import type { InboundMessage, InboundPress } from "../conversation/inbound.ts";
import { mayAs, type Principal, type Role } from "../people/people.ts";
import { type CardButton, digestPieceOf } from "./buttons.ts";
import { digestOf } from "./digest.ts";
import type { Proposal } from "./proposal.ts";

export interface PressInput {
  readonly press: InboundPress;
  readonly button: Exclude<CardButton, { kind: "cancel" }>;
  readonly proposal: Proposal | undefined;
  readonly principal: Principal | undefined;
  readonly neededRole: Role;
  /** Wall clock of this host, ms. */
  readonly wallMs: number;
  /** Time since this host first saw the proposal, by its monotonic clock; 0 when only now. */
  readonly seenForMs: number;
  /** The plan's preconditions as of now; undefined when they could not be computed. */
  readonly preconditions: Readonly<Record<string, string>> | undefined;
  /** Whether the coordination store is there and shared by the whole fleet. */
  readonly sharedStore: boolean;
  /** Of the form, for break-glass. */
  readonly totp: "right" | "wrong" | "reused" | "missing" | "no-secret" | "locked";
  /** Of a message that was typed instead of a press (break-glass). */
  readonly typed?: Pick<InboundMessage, "sentAtMs" | "isEdit" | "isForwarded">;
}

export type Refusal =
  | "unknown"
  | "not-a-person"
  | "not-linked"
  | "no-right"
  | "not-own-words"
  | "stale"
  | "wrong-chat"
  | "never-bound"
  | "wrong-message"
  | "other-parameters"
  | "not-awaiting"
  | "expired"
  | "not-critical"
  | "needs-second-person"
  | "no-shared-store"
  | "changed"
  | "no-totp-secret"
  | "totp-missing"
  | "totp-wrong"
  | "totp-reused"
  | "totp-locked"
  | "reason-missing";

export type Judgement =
  | { readonly kind: "confirmed"; readonly by: Principal; readonly breakGlass: boolean }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly text: string };

/** A message that waited longer was written for another situation. */
const STALE_AFTER_MS = 60_000;

/** Judges one press. */
export function judgePress(input: PressInput): Judgement {
  const { press, button, proposal, principal, neededRole } = input;
  const { caller, place } = press;
  if (proposal === undefined)
    return refuse("unknown", "This proposal is not known any more. Propose it again.");
  if (caller.isBot || caller.isAnonymous) {
    return refuse("not-a-person", "Only a person under their own name can confirm.");
  }
  if (principal === undefined) {
    return refuse("not-linked", `Your ${caller.platform} id ${caller.userId} is not in the operators file.`);
  }
  if (!mayAs(principal, neededRole)) {
    return refuse("no-right", `This needs the role ${neededRole}; ${principal.id} is ${principal.role}.`);
  }
  const badWords = input.typed === undefined ? undefined : judgeWords(input.typed, input.wallMs);
  if (badWords !== undefined) return badWords;
  if (place.platform !== proposal.place.platform || place.chatId !== proposal.place.chatId) {
    return refuse("wrong-chat", "This proposal belongs to another chat.");
  }
  if (proposal.messageId === undefined) {
    return refuse(
      "never-bound",
      "The card of this proposal was never registered, so its buttons do nothing. Propose it again.",
    );
  }
  if (press.messageId !== proposal.messageId) {
    return refuse("wrong-message", "Press the button on the original card.");
  }
  // Of what would run, not of what the record says of itself.
  if (button.digestPiece !== digestPieceOf(digestOf(proposal.action, proposal.params))) {
    return refuse("other-parameters", "This button was made for other parameters.");
  }
  if (proposal.state !== "awaiting") {
    return refuse("not-awaiting", `This proposal is ${proposal.state} already.`);
  }
  if (isExpired(proposal, input.wallMs, input.seenForMs)) {
    return refuse("expired", "This proposal has expired. Propose it again.");
  }
  if (!input.sharedStore) {
    return refuse(
      "no-shared-store",
      "The fleet's store is not reachable or not shared: nothing can be confirmed.",
    );
  }
  const breakGlass = button.kind === "break-glass";
  const alone = proposal.risk === "critical" && principal.id === proposal.proposer;
  if (alone && !breakGlass) {
    return refuse("needs-second-person", "A critical action needs a second person, on whichever platform.");
  }
  if (breakGlass) {
    const broken = judgeBreakGlass(input);
    if (broken !== undefined) return broken;
  }
  const difference = changesIn(proposal.preconditions, input.preconditions);
  if (difference !== undefined)
    return refuse("changed", `${difference} Nothing was done; look again and propose.`);
  return { kind: "confirmed", by: principal, breakGlass };
}

/** By either clock: hosts whose clocks disagree expire it early, never late. */
export function isExpired(proposal: Proposal, wallMs: number, seenForMs: number): boolean {
  return wallMs >= proposal.proposedAtMs + proposal.validForMs || seenForMs >= proposal.validForMs;
}

function judgeWords(
  { sentAtMs, isEdit, isForwarded }: NonNullable<PressInput["typed"]>,
  wallMs: number,
): Judgement | undefined {
  if (isEdit || isForwarded)
    return refuse("not-own-words", "An edited or forwarded message confirms nothing. Write it anew.");
  if (wallMs - sentAtMs > STALE_AFTER_MS)
    return refuse("stale", "This message is older than a minute. Send it again if it still counts.");
  return undefined;
}

function judgeBreakGlass({ press, proposal, principal, totp }: PressInput): Judgement | undefined {
  if (proposal?.risk !== "critical")
    return refuse("not-critical", "Break-glass is for what is critical. Press Confirm.");
  switch (totp) {
    case "no-secret":
      return refuse("no-totp-secret", `${principal?.id} has no one-time password in the operators file.`);
    case "missing":
      return refuse(
        "totp-missing",
        `Break-glass needs a one-time password and a reason: ${BREAK_GLASS.usage}`,
      );
    case "wrong":
      return refuse("totp-wrong", "The one-time password is wrong.");
    case "reused":
      return refuse("totp-reused", "This one-time password was used already. Wait for the next one.");
    case "locked":
      return refuse("totp-locked", "Too many wrong one-time passwords. Wait a minute.");
    case "right":
      return (press.form?.reason.trim() ?? "") === ""
        ? refuse("reason-missing", "Break-glass needs a reason.")
        : undefined;
    default:
      return totp satisfies never;
  }
}

/** The first difference in words, or undefined when nothing changed. */
function changesIn(
  then: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>> | undefined,
): string | undefined {
  if (now === undefined) return "The present state could not be read.";
  const keys = [...new Set([...Object.keys(then), ...Object.keys(now)])];
  const changed = keys.filter((key) => then[key] !== now[key]);
  if (changed.length === 0) return undefined;
  return changed.map((key) => `${key} was ${then[key] ?? "unset"} and is ${now[key] ?? "unset"}.`).join(" ");
}

function refuse(refusal: Refusal, text: string): Judgement {
  return { kind: "refused", refusal, text };
}
