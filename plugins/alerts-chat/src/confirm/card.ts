/** The card of a proposal: what will happen, who may confirm it until when, and later what came of it. */
import { type Button, line, type OutboundMessage, plainLine } from "../conversation/outbound.ts";
import { digestPieceOf, encodeButton } from "./buttons.ts";
import type { Proposal } from "./proposal.ts";

const SIGN_BY_STATE = {
  awaiting: "❓",
  confirmed: "▶",
  executing: "▶",
  verified: "✅",
  failed: "❌",
  unknown: "⚠️",
  expired: "⌛",
  cancelled: "✖",
  superseded: "✖",
} as const satisfies Record<Proposal["state"], string>;

/** The card as it stands now. Buttons only while somebody can press them. */
export function cardOf(proposal: Proposal, title: string): OutboundMessage {
  const { state, risk, proposer, reason, summary, confirmedBy, observed } = proposal;
  const lines = [
    line(`${SIGN_BY_STATE[state]} **${title}**`),
    ...summary.map(plainLine),
    plainLine(`Asked for by ${proposer}: ${reason}`),
  ];
  if (state === "awaiting") {
    const minutes = Math.round(proposal.validForMs / 60_000);
    lines.push(
      plainLine(
        risk === "critical"
          ? `Critical: a second person confirms within ${minutes} min`
          : `Confirm within ${minutes} min`,
      ),
    );
    return { lines, buttons: [buttonsOf(proposal)], severity: risk === "critical" ? "critical" : "warning" };
  }
  const by = confirmedBy === undefined ? "" : `, confirmed by ${confirmedBy}`;
  const glass = proposal.breakGlass === true ? " (break-glass)" : "";
  lines.push(plainLine(`${state}${by}${glass}`));
  if (observed !== undefined) lines.push(plainLine(observed));
  return { lines };
}

function buttonsOf(proposal: Proposal): readonly Button[] {
  const { id, digest, risk } = proposal;
  const digestPiece = digestPieceOf(digest);
  const confirm: Button = {
    label: "Confirm",
    data: encodeButton({ kind: "confirm", id, digestPiece }),
    style: risk === "critical" ? "danger" : "primary",
  };
  const cancel: Button = { label: "Cancel", data: encodeButton({ kind: "cancel", id }), style: "secondary" };
  if (risk === "normal") return [confirm, cancel];
  const breakGlass: Button = {
    label: "Break glass",
    data: encodeButton({ kind: "break-glass", id, digestPiece }),
    style: "danger",
    form: "break-glass",
  };
  return [confirm, cancel, breakGlass];
}
