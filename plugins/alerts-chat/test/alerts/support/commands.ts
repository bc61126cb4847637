/** Commands as people type them, through the router, against the alert desk of one agent. */
import { captureLog } from "@jeju-oracle/kit/testing";
import type { AlertDesk } from "../../../src/alerts/alert-desk.ts";
import { ack, unack } from "../../../src/commands/alerts/acknowledge.ts";
import { alerts } from "../../../src/commands/alerts/alerts.ts";
import { silence, unsilence } from "../../../src/commands/alerts/silence.ts";
import type { Command, CommandContext } from "../../../src/commands/command.ts";
import { Router } from "../../../src/commands/router.ts";
import type { OutboundMessage } from "../../../src/conversation/outbound.ts";
import { createPeople } from "../../../src/people/operators-file.ts";
import type { Role } from "../../../src/people/people.ts";
import { FakeSystem } from "../../support/fake-view.ts";
import { textOf } from "./team-chat.ts";
import type { TellingFleet } from "./telling-fleet.ts";

const COMMANDS: readonly Command[] = [alerts, ack, unack, silence, unsilence];
const person = (id: string, role: Role, telegram: string) =>
  ({ id, role, telegram, discord: undefined, totp: undefined }) as const;

export const PEOPLE = createPeople([person("vic", "viewer", "1"), person("rae", "responder", "2")], ["rae"]);
export const USER_IDS = { vic: "1", rae: "2", stranger: "9" } as const;

export function callerOf(who: keyof typeof USER_IDS) {
  return {
    platform: "telegram",
    userId: USER_IDS[who],
    displayName: who,
    isBot: false,
    isAnonymous: false,
  } as const;
}

/** @returns what is answered to what somebody types. */
export function typing(fleet: TellingFleet, desk: AlertDesk) {
  const system = new FakeSystem();
  const context: CommandContext = {
    view: { ...system.view(), clock: fleet.clock },
    proposals: { propose: async () => undefined, pending: async () => [] } as never,
    people: PEOPLE,
    alerts: desk,
    audit: { since: () => [] },
    commandsFor: () => COMMANDS,
  };
  const router = new Router({
    commands: COMMANDS,
    run: (command, args, asking) => command.run(context, args, asking),
    people: PEOPLE,
    clock: fleet.clock,
    logger: captureLog().logger,
    refused: (who, what) => void fleet.audit.push(`${who} refused ${what}`),
  });
  return async (text: string, who: keyof typeof USER_IDS = "rae"): Promise<string> => {
    const answer: OutboundMessage | undefined = await router.answer({
      kind: "message",
      eventId: crypto.randomUUID(),
      caller: callerOf(who),
      place: { platform: "telegram", chatId: "team" },
      messageId: "1",
      text,
      sentAtMs: fleet.clock.wallMs(),
      isEdit: false,
      isForwarded: false,
    });
    return answer === undefined ? "" : textOf(answer);
  };
}
