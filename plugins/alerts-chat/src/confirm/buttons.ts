/** What the buttons of a card carry. At most 64 bytes: Telegram's limit for callback data. */
import { randomBytes } from "node:crypto";

export type CardButton =
  | { readonly kind: "confirm" | "break-glass"; readonly id: string; readonly digestPiece: string }
  | { readonly kind: "cancel"; readonly id: string };

const PIECE_LENGTH = 16;
const PATTERN = /^p:([cbx]):([A-Za-z0-9_-]{22})(?::([0-9a-f]{16}))?$/;

/** 128 random bits: whoever has not seen the card cannot name the proposal. */
export function newProposalId(): string {
  return randomBytes(16).toString("base64url");
}

/** The piece of a digest that a button carries: it tells a card that was made for other parameters. */
export function digestPieceOf(digest: string): string {
  return digest.slice(0, PIECE_LENGTH);
}

export function encodeButton(button: CardButton): string {
  switch (button.kind) {
    case "confirm":
      return `p:c:${button.id}:${button.digestPiece}`;
    case "break-glass":
      return `p:b:${button.id}:${button.digestPiece}`;
    case "cancel":
      return `p:x:${button.id}`;
    default:
      return button satisfies never;
  }
}

/** @returns undefined for what is no button of a card. */
export function decodeButton(data: string): CardButton | undefined {
  const [, kind, id, digestPiece] = PATTERN.exec(data) ?? [];
  if (id === undefined) return undefined;
  if (kind === "x") return { kind: "cancel", id };
  if (digestPiece === undefined) return undefined;
  return { kind: kind === "c" ? "confirm" : "break-glass", id, digestPiece };
}
