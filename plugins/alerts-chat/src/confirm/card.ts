/** The card of a proposal: what will happen, who may confirm it until when, and later what came of it. */
import { BREAK_GLASS } from "../conversation/break-glass-of.ts";
import { type Button, type Line, line, type OutboundMessage, plainLine } from "../conversation/outbound.ts";
import { digestPieceOf, encodeButton } from "./buttons.ts";
import type { Proposal } from "./proposal.ts";
import { codeOf } from "./typed-press.ts";

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
  if (state === "awaiting" || state === "confirmed" || state === "executing") {
    lines.push(...handOutLines(proposal));
  }
  if (state === "awaiting") {
    const minutes = Math.round(proposal.validForMs / 60_000);
    lines.push(
      plainLine(
        risk === "critical"
          ? `Critical: a second person confirms within ${minutes} min`
          : `Confirm within ${minutes} min`,
      ),
    );
    const severity = risk === "critical" ? "critical" : "warning";
    return { lines, buttons: [buttonsOf(proposal)], severity, ...attachmentOf(proposal) };
  }
  const by = confirmedBy === undefined ? "" : `, confirmed by ${confirmedBy}`;
  const glass = proposal.breakGlass === true ? " (break-glass)" : "";
  lines.push(plainLine(`${state}${by}${glass}`));
  if (observed !== undefined) lines.push(plainLine(observed));
  return { lines };
}

/** Where this agent has no owner's key: a person sends it, and the card tells what was observed. */
function handOutLines({ handOut }: Proposal): readonly Line[] {
  if (handOut === undefined) return [];
  return [
    plainLine("The owner sends, after the confirmation:"),
    [{ kind: "code", text: handOut.castCommand }],
  ];
}

function attachmentOf({ handOut, action }: Proposal): Pick<OutboundMessage, "attachment"> {
  return handOut === undefined ? {} : { attachment: { name: `safe-${action}.json`, text: handOut.safeJson } };
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
    typed: `/${BREAK_GLASS.name} ${codeOf(proposal)} one-time-password reason`,
  };
  return [confirm, cancel, breakGlass];
}
