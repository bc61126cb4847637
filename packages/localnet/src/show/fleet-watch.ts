/** Asks every agent of a fleet how it is, again and again, and remembers since when one has not answered. */
import { askHealth, type Health } from "./health.ts";
import type { SupervisedAgent } from "./supervised-agent.ts";

export interface BotState {
  readonly botId: string;
  /** Undefined between the end of a process and the start of the next. */
  readonly pid: number | undefined;
  /** Its answer; undefined when it gave none. */
  readonly health: Health | undefined;
  /** When it last answered, ms since the epoch; for a bot that never did, when it was first asked. */
  readonly silentSinceMs: number;
  readonly everAnswered: boolean;
}

export type WatchedAgent = Pick<SupervisedAgent, "botId" | "pid" | "healthUrl">;

export class FleetWatch {
  readonly #agents: readonly WatchedAgent[];
  readonly #answeredAtMs = new Map<string, number>();
  readonly #wallMs: () => number;
  readonly #startedAtMs: number;

  /** @param wallMs ms since the epoch. */
  constructor(agents: readonly WatchedAgent[], wallMs: () => number = Date.now) {
    this.#agents = agents;
    this.#wallMs = wallMs;
    this.#startedAtMs = wallMs();
  }

  /** The fleet now, in the order of its bots. Takes as long as the slowest answer, at most its deadline. Never throws. */
  look(): Promise<readonly BotState[]> {
    return Promise.all(
      this.#agents.map(async (agent) => {
        const { botId } = agent;
        const health = await askHealth(agent.healthUrl);
        if (health !== undefined) this.#answeredAtMs.set(botId, this.#wallMs());
        const answeredAtMs = this.#answeredAtMs.get(botId);
        return {
          botId,
          pid: agent.pid,
          health,
          silentSinceMs: answeredAtMs ?? this.#startedAtMs,
          everAnswered: answeredAtMs !== undefined,
        };
      }),
    );
  }
}

/** The bot that says it leads. Answers are not of one instant: of two the one with the higher term is the newer. */
export function leaderOf(fleet: readonly BotState[]): BotState | undefined {
  const term = (bot: BotState) => bot.health?.term ?? 0;
  return fleet.filter(({ health }) => health?.role === "leader").toSorted((a, b) => term(b) - term(a))[0];
}
