/** The press that a typed break-glass stands for: on the card of the proposal that its code names. Pure. */
import type { TypedBreakGlass } from "../conversation/break-glass-of.ts";
import type { InboundMessage, InboundPress } from "../conversation/inbound.ts";
import { type CardButton, digestPieceOf, encodeButton } from "./buttons.ts";
import type { Proposal } from "./proposal.ts";

export interface TypedPress {
  readonly press: InboundPress;
  readonly button: Exclude<CardButton, { kind: "cancel" }>;
}

/** 36 random bits: enough to tell proposals apart. What keeps others out is the person, the chat and the password. */
const CODE_LENGTH = 6;

/** What a person types to name a proposal. */
export function codeOf({ id }: Proposal): string {
  return id.slice(0, CODE_LENGTH);
}

/** @returns undefined when the code names no proposal, or more than one. */
export function typedPressOf(
  message: InboundMessage,
  { code, totp, reason }: TypedBreakGlass,
  proposals: readonly Proposal[],
): TypedPress | undefined {
  if (code.length < CODE_LENGTH) return undefined;
  const [proposal, another] = proposals.filter(({ id }) => id.startsWith(code));
  if (proposal === undefined || another !== undefined) return undefined;
  const button = {
    kind: "break-glass",
    id: proposal.id,
    digestPiece: digestPieceOf(proposal.digest),
  } as const;
  const { eventId, caller, place } = message;
  return {
    button,
    press: {
      kind: "press",
      eventId,
      caller,
      place,
      // The code stands on that card and nowhere else.
      messageId: proposal.messageId ?? "",
      data: encodeButton(button),
      form: { totp, reason },
    },
  };
}
