/** A press on a button under an alert. It changes how the alert is handled, never the system. */
import { BaseError } from "@jeju-oracle/kit";
import { type AlertButton, decodeAlertButton } from "../../alerts/alert-button.ts";
import type { AlertDesk } from "../../alerts/alert-desk.ts";
import type { InboundPress } from "../../conversation/inbound.ts";
import { type OutboundMessage, plainLine } from "../../conversation/outbound.ts";
import { mayAs, type People, type Principal } from "../../people/people.ts";
import { span } from "../../words/format.ts";
import { careLines } from "./acknowledge.ts";
import { DEFAULT_SILENCE_MS } from "./silence.ts";

export interface AlertPressDesk {
  readonly alerts: AlertDesk;
  readonly people: People;
  readonly refused: (who: string, what: string, why: string) => void;
}

/** @returns undefined when the button is no alert's. */
export async function pressAlert(
  { alerts, people, refused }: AlertPressDesk,
  { caller, data }: InboundPress,
): Promise<OutboundMessage | undefined> {
  const button = decodeAlertButton(data);
  if (button === undefined) return undefined;
  const principal = people.principalOf(caller);
  if (principal === undefined || !mayAs(principal, "responder")) {
    const why =
      principal === undefined ? "you are not in the operators file" : `${principal.id} is ${principal.role}`;
    refused(principal?.id ?? `${caller.platform}:${caller.userId}`, button.kind, "needs responder");
    return { lines: [plainLine(`⛔ That needs the role responder; ${why}.`)] };
  }
  try {
    return await respond(alerts, button, principal);
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    return { lines: [plainLine(`❌ ${error.message}`), plainLine(error.nextStep)] };
  }
}

async function respond(
  alerts: AlertDesk,
  { kind, codes }: AlertButton,
  { id }: Principal,
): Promise<OutboundMessage> {
  switch (kind) {
    case "acknowledge":
      return {
        lines: careLines(
          "✔ Acknowledged",
          (await each(codes, (code) => alerts.acknowledge(code, id))).flat(),
        ),
      };
    case "unacknowledge":
      return {
        lines: careLines("Given back", (await each(codes, (code) => alerts.unacknowledge(code, id))).flat()),
      };
    case "silence": {
      const wish = { durationMs: DEFAULT_SILENCE_MS, by: id, reason: "button under the alert" };
      const made = await each(codes, (code) => alerts.silence({ what: code, ...wish }));
      const names = made.map(({ matches }) => matches).join(", ");
      return { lines: [plainLine(`🔕 ${names}: silent for ${span(DEFAULT_SILENCE_MS)}.`)] };
    }
    default:
      return kind satisfies never;
  }
}

/** One after the other: some may be over already, and the others count all the same. @throws what the last one threw when all did. */
async function each<Result>(
  codes: readonly string[],
  work: (code: string) => Promise<Result>,
): Promise<readonly Result[]> {
  const done: Result[] = [];
  let failure: unknown;
  for (const code of codes) {
    try {
      done.push(await work(code));
    } catch (error) {
      failure = error;
    }
  }
  if (done.length === 0 && failure !== undefined) throw failure;
  return done;
}
