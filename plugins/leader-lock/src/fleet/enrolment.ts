/** What follows from a registration: the first report, or the end of a process whose bot id another one uses. */
import type { Logger } from "@jeju-oracle/kit";
import type { AgentIdentity } from "../election/lease-record.ts";
import type { Registration } from "./registration.ts";

export interface EnrolmentOptions {
  readonly self: AgentIdentity;
  readonly logger: Logger;
  /** Tells the fleet of this agent without waiting for the next poll. */
  readonly reportSoon: () => void;
  /** Leaves every election for good. */
  readonly withdraw: (why: string) => void;
  readonly endProcess: (reason: string, exitCode: number) => void;
}

/** sysexits.h EX_CONFIG: starting again does not help while the other process lives. */
const EXIT_BOT_ID_TAKEN = 78;

/** Called with the first registration and with each of another kind. */
export function enrol(registration: Registration, options: EnrolmentOptions): void {
  const { self, logger, reportSoon, withdraw, endProcess } = options;
  switch (registration.kind) {
    case "waiting":
      logger.info("Another process had this BOT_ID lately: waiting until it is known to be gone", {
        botId: self.botId,
      });
      return;
    case "registered":
      logger.info("Joined the fleet", { incarnation: self.incarnation });
      reportSoon();
      return;
    case "refused": {
      const { pid, host } = registration.rival;
      const reason = `BOT_ID ${self.botId} is in use by another live agent: process ${pid} on ${host}`;
      logger.error("Refused by the fleet", { reason });
      withdraw(reason);
      endProcess(`${reason}. Give each agent a BOT_ID of its own, or stop the other one.`, EXIT_BOT_ID_TAKEN);
      return;
    }
    default:
      registration satisfies never;
  }
}
