/** Carries out what a leader owes to the records of a listing, one run at a time. */
import { describeError, type Logger } from "@jeju-oracle/kit";
import type { Exchange } from "../fleet/exchange.ts";
import { type LeaderDuty, type LeaderView, leaderDuties } from "./leader-duties.ts";

export interface DutyRunnerOptions {
  readonly exchange: Exchange;
  readonly logger: Logger;
  readonly view: () => LeaderView;
  /** Writes this agent's own record. */
  readonly introduce: () => Promise<void>;
  readonly handOver: (to: string, why: string) => void;
}

export class DutyRunner {
  readonly #options: DutyRunnerOptions;
  #underWay = false;

  constructor(options: DutyRunnerOptions) {
    this.#options = options;
  }

  /** Does what is due. Never rejects: what fails is due again at the next run. */
  async run(): Promise<void> {
    if (this.#underWay) return;
    this.#underWay = true;
    try {
      for (const duty of leaderDuties(this.#options.view())) await this.#do(duty);
    } catch (error) {
      this.#options.logger.warn("A duty of the leader could not be done yet", {
        error: describeError(error),
      });
    } finally {
      this.#underWay = false;
    }
  }

  async #do(duty: LeaderDuty): Promise<void> {
    const { exchange, logger, introduce, handOver } = this.#options;
    switch (duty.kind) {
      case "introduce":
        await introduce();
        return;
      case "hand-over":
        handOver(duty.to, duty.why);
        return;
      case "refuse":
        logger.warn("A failover was refused", { why: duty.why });
        await exchange.write(duty.record.name, duty.record, duty.next);
        return;
      case "tidy":
        await exchange.write(duty.record.name, duty.record, null);
        return;
      default:
        duty satisfies never;
    }
  }
}
