/**
 * Whether a paused fleet is quiet: who is there obeys and has nothing in flight. A member counts as gone when it ended in order, when
 * its process is proved dead, or when its record stood still for a whole ttl as watched here; clocks of others decide nothing.
 */
import type { IntentReceipt } from "@jeju-oracle/kit";
import type { FleetReport, MemberEntry } from "@jeju-oracle/plugin-leader-lock";
import type { Judge } from "./waiting.ts";
import { mayAnswer, namesOf } from "./words.ts";

interface Seen {
  readonly key: string;
  readonly sinceMs: number;
}

/** Since when each member's record stands still, by the clock of this process. */
export class SilenceWatch {
  readonly #seen = new Map<string, Seen>();

  observe({ members }: FleetReport, nowMs: number): void {
    for (const { identity, timestamp } of members) {
      const key = `${identity.incarnation} ${timestamp}`;
      if (this.#seen.get(identity.botId)?.key !== key)
        this.#seen.set(identity.botId, { key, sinceMs: nowMs });
    }
  }

  silentForMs(botId: string, nowMs: number): number {
    const seen = this.#seen.get(botId);
    return seen === undefined ? 0 : nowMs - seen.sinceMs;
  }
}

/** @param nowMs the monotonic clock. `ttlMs`: silence after which a member counts as gone. */
export function judgeQuiet(
  receipt: IntentReceipt,
  watch: SilenceWatch,
  ttlMs: number,
  nowMs: () => number,
): Judge {
  return (report) => {
    watch.observe(report, nowMs());
    const { directive } = report.orders;
    if (directive !== undefined && directive.id !== receipt.id) {
      return {
        kind: "refused",
        why: `${directive.by} asked for a ${directive.kind} meanwhile (${directive.reason})`,
        nextStep: "Agree with them; oracle-agent list shows what is in force.",
      };
    }
    const isSilent = ({ identity }: MemberEntry) => watch.silentForMs(identity.botId, nowMs()) >= ttlMs;
    const answering = report.members.filter(mayAnswer);
    const obeying = answering.filter(
      (member) => member.report.directiveId === receipt.id && !isSilent(member),
    );
    const missing = answering.filter((member) => !obeying.includes(member) && !isSilent(member));
    if (missing.length > 0) {
      return {
        kind: "waiting",
        text: `waiting for ${namesOf(missing)} to obey the pause`,
        nextStep: `Look at oracle-agent list and at the log of ${namesOf(missing)}.`,
      };
    }
    const flying = obeying.filter((member) => member.report.inFlight);
    if (flying.length > 0) {
      return {
        kind: "waiting",
        text: `${namesOf(flying)} obey, waiting until what is in flight has landed or was cancelled`,
        nextStep: `Look at the log of ${namesOf(flying)}: an update may still land.`,
      };
    }
    const gone = report.members.filter((member) => !obeying.includes(member));
    return {
      kind: "done",
      success: {
        text: obeying.length === 0 ? "No agent is there" : `The pause is obeyed by ${namesOf(obeying)}`,
        data: {
          obeyedBy: obeying.map(({ identity }) => identity.botId),
          gone: gone.map(({ identity }) => identity.botId),
        },
      },
    };
  };
}
