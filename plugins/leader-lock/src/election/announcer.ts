/** Tells of elections: log lines that operators search for, metrics, and the history of terms. */
import { describeError, type Logger } from "@jeju-oracle/kit";
import { recordTerm } from "../fleet/history.ts";
import type { LeadershipMetrics } from "../metrics.ts";
import type { StoreAccess } from "../stores/settled-cas.ts";
import type { Effect } from "./election-types.ts";
import type { AgentIdentity } from "./lease-record.ts";

export type ElectionNews = Exclude<Effect, { kind: "look" } | { kind: "write" }>;

export class Announcer {
  readonly #self: AgentIdentity;
  readonly #logger: Logger;
  readonly #metrics: LeadershipMetrics;
  readonly #access: StoreAccess;

  constructor(self: AgentIdentity, logger: Logger, metrics: LeadershipMetrics, access: StoreAccess) {
    this.#self = self;
    this.#logger = logger;
    this.#metrics = metrics;
    this.#access = access;
  }

  /** The verbatim lines are those of the user's runbooks (seed: Log Analysis). */
  tell(news: ElectionNews): void {
    const { botId } = this.#self;
    switch (news.kind) {
      case "elected":
        if ((news.how === "dead" || news.how === "expired") && news.from !== undefined) {
          this.#logger.warn(`Previous leader ${news.from} is dead, taking over`, { term: news.term });
        }
        this.#logger.info(`Bot ${botId} became leader`, { term: news.term, why: news.why });
        this.#metrics.elections.inc({ how: news.how });
        void this.#recordTerm(news);
        return;
      case "demoted":
        this.#logger.warn(`Bot ${botId} no longer leads`, { term: news.term, why: news.why });
        this.#metrics.demotions.inc({ voluntary: String(news.voluntary) });
        if (!news.voluntary) this.#metrics.electionFailures.inc();
        return;
      case "claim-failed":
        if (news.why === "store-unavailable") this.#metrics.electionFailures.inc();
        this.#logger.info("A claim of the lead did not succeed", { why: news.why });
        return;
      default:
        news satisfies never;
    }
  }

  async #recordTerm({ term, from, why }: Extract<ElectionNews, { kind: "elected" }>): Promise<void> {
    const { botId: leader, host } = this.#self;
    const timestamp = this.#access.clock.wallMs();
    try {
      await recordTerm(this.#access, { term, leader, host, from: from ?? null, why, timestamp });
    } catch (error) {
      this.#logger.warn("The term could not be written to the history", {
        term,
        error: describeError(error),
      });
    }
  }
}
