/** Sends a pause or resume to the whole fleet and waits until the leader obeys it. */
import type { FleetDirective, IntentReceipt } from "@jeju-oracle/kit";
import type { FleetReport, MemberEntry } from "@jeju-oracle/plugin-leader-lock";
import type { CommandResult, FleetSession } from "./session.ts";
import { type Judge, resultOf, type Success, type Verdict, waitForFleet } from "./waiting.ts";
import { mayAnswer, namesOf } from "./words.ts";

type Kind = FleetDirective["kind"];

/** A sent update is resolved within TX_DEADLINE_MS (20 s) and some blocks, or replaced. */
const IN_FLIGHT_MS = 120_000;

/** @param send writes the directive. `effect`: what holds when it is obeyed, as a sentence without its end. */
export async function sendDirective(
  session: FleetSession,
  before: FleetReport,
  { kind, effect }: { readonly kind: Kind; readonly effect: string },
  send: () => Promise<IntentReceipt>,
): Promise<CommandResult> {
  const { renewMs, pollMs, ttlMs } = session.office.timing;
  // Heard of at one renewal and reported at the next, if nothing is quicker.
  const obeyWithinMs = Math.max(2 * renewMs + pollMs, ttlMs, before.lease?.ttlMs ?? 0);
  const receipt = await send();
  const outcome = await waitForFleet(session, judgeDirective({ kind, effect, receipt, obeyWithinMs }), {
    deadlineMs: obeyWithinMs + IN_FLIGHT_MS,
    settleMs: renewMs + pollMs,
  });
  return resultOf(kind, receipt, outcome);
}

export interface Directive {
  readonly kind: Kind;
  readonly effect: string;
  readonly receipt: IntentReceipt;
  readonly obeyWithinMs: number;
}

/** Done when the leader obeys and, for a pause, has nothing in flight; the other members are waited for a little longer. */
export function judgeDirective({ kind, effect, receipt, obeyWithinMs }: Directive): Judge {
  return ({ orders, members }, elapsedMs) => {
    const { directive } = orders;
    if (directive !== undefined && directive.id !== receipt.id) {
      return {
        kind: "refused",
        why: `${directive.by} asked for a ${directive.kind} meanwhile (${directive.reason})`,
        nextStep: "Agree with them; oracle-agent list shows what is in force.",
      };
    }
    const obeys = ({ report }: MemberEntry) => report.directiveId === receipt.id;
    const answering = members.filter(mayAnswer);
    const obeying = answering.filter(obeys);
    const missing = answering.filter((member) => !obeys(member));
    const leader = answering.find(({ leads }) => leads);
    const unobeyed = unobeyedVerdict(answering, leader, leader !== undefined && obeys(leader));
    if (unobeyed !== undefined) {
      if (unobeyed.kind === "unconfirmed" || elapsedMs < obeyWithinMs) return unobeyed;
      return { kind: "unconfirmed", why: unobeyed.text, nextStep: unobeyed.nextStep };
    }
    if (kind === "pause" && leader?.report.inFlight === true) {
      return {
        kind: "waiting",
        text: `${leader.identity.botId} obeys, waiting until its transaction in flight is resolved`,
        nextStep: `Look at the log of ${leader.identity.botId}; an update may still land.`,
      };
    }
    const success = successOf({ kind, effect }, obeying, missing, leader);
    if (missing.length === 0) return { kind: "done", success };
    return { kind: "settling", success, text: `the leader obeys, waiting for ${namesOf(missing)}` };
  };
}

type Unobeyed = Extract<Verdict, { kind: "waiting" } | { kind: "unconfirmed" }>;

function unobeyedVerdict(
  answering: readonly MemberEntry[],
  leader: MemberEntry | undefined,
  leaderObeys: boolean,
): Unobeyed | undefined {
  if (leaderObeys) return undefined;
  if (answering.length === 0) {
    return {
      kind: "unconfirmed",
      why: "no agent runs",
      nextStep: "Every agent obeys it as it starts; until then what the last leader sent may still land.",
    };
  }
  const nextStep = "Every agent obeys it as soon as it reads the store; look at oracle-agent list.";
  if (leader === undefined) {
    return { kind: "waiting", text: `nobody leads, waiting for ${namesOf(answering)} to elect`, nextStep };
  }
  return { kind: "waiting", text: `waiting for ${leader.identity.botId} to obey`, nextStep };
}

function successOf(
  { kind, effect }: { readonly kind: Kind; readonly effect: string },
  obeying: readonly MemberEntry[],
  missing: readonly MemberEntry[],
  leader: MemberEntry | undefined,
): Success {
  const held = kind === "resume" ? leader?.report.pausedBy : undefined;
  const inFlight = obeying.filter(({ report }) => kind === "pause" && report.inFlight);
  return {
    text: effect,
    notes: [
      `Obeyed by ${namesOf(obeying)}${missing.length === 0 ? "" : `; not heard from yet: ${namesOf(missing)}`}.`,
      ...(kind === "pause" && inFlight.length === 0 ? ["Nothing is in flight."] : []),
      ...(inFlight.length === 0 ? [] : [`A transaction of ${namesOf(inFlight)} may still land.`]),
      ...(held === undefined ? [] : [`${leader?.identity.botId} is still ${held}`]),
    ],
    data: {
      leader: leader?.identity.botId ?? null,
      obeyedBy: obeying.map(({ identity }) => identity.botId),
      notYetObeyedBy: missing.map(({ identity }) => identity.botId),
      inFlight: inFlight.length > 0,
    },
  };
}
