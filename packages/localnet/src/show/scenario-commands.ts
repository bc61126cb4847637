/** What a person can do to the local network while it runs: commands that begin with `!`, since an agent's begin with `/`. */
import { describeError } from "@jeju-oracle/kit";
import type { Localnet } from "../localnet.ts";
import { tellFailover } from "./demonstrate-failover.ts";
import type { WatchedAgent } from "./fleet-watch.ts";
import type { MarketPlayer } from "./market-player.ts";

export interface ScenarioStage {
  readonly agents: readonly WatchedAgent[];
  readonly net: {
    readonly feed: Pick<Localnet["feed"], "stall" | "unstall">;
    readonly jeju: Pick<Localnet["jeju"], "pause" | "resume">;
  };
  readonly market: Pick<MarketPlayer, "crash">;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

interface ScenarioCommand {
  readonly about: string;
  /** @returns what has happened, in words. */
  readonly run: (stage: ScenarioStage) => Promise<string>;
}

const COMMANDS = {
  "kill-leader": {
    about: "kill -9 the leader, and tell who takes over",
    run: async ({ agents, tell, signal }) =>
      (await tellFailover(agents, tell, signal)) ? "the failover is complete" : "nobody took over in time",
  },
  "stall-feed": {
    about: "Chainlink publishes nothing more, until !start-feed",
    async run({ net }) {
      net.feed.stall();
      return "the feed publishes nothing until !start-feed";
    },
  },
  "start-feed": {
    about: "Chainlink publishes again",
    async run({ net }) {
      net.feed.unstall();
      return "the feed publishes again, with the next move of the market";
    },
  },
  "stop-jeju": {
    about: "Jeju answers but makes no block, until !start-jeju",
    async run({ net }) {
      await net.jeju.pause();
      return "Jeju makes no block until !start-jeju";
    },
  },
  "start-jeju": {
    about: "Jeju makes blocks again",
    async run({ net }) {
      net.jeju.resume();
      return "Jeju makes blocks again";
    },
  },
  crash: {
    about: "ETH falls by 20 % within a minute, elizaOS faster",
    async run({ market }) {
      market.crash();
      return "the market falls for a minute";
    },
  },
} as const satisfies Readonly<Record<string, ScenarioCommand>>;

/** Runs what is typed, each command at most once at a time. */
export class ScenarioCommands {
  readonly #stage: ScenarioStage;
  readonly #running = new Set<string>();

  constructor(stage: ScenarioStage) {
    this.#stage = stage;
  }

  /** @param typed with its `!`. @returns what to tell. Never rejects. */
  async run(typed: string): Promise<readonly string[]> {
    const name = typed.slice(1).trim();
    if (name === "help" || name === "") return scenarioHelp();
    const command: ScenarioCommand | undefined = Object.hasOwn(COMMANDS, name)
      ? COMMANDS[name as keyof typeof COMMANDS]
      : undefined;
    if (command === undefined) return [`there is no !${name}; !help lists what there is`];
    if (this.#running.has(name)) return [`!${name} is not over yet`];
    this.#running.add(name);
    try {
      return [await command.run(this.#stage)];
    } catch (error) {
      return [`!${name} failed: ${describeError(error)}`];
    } finally {
      this.#running.delete(name);
    }
  }
}

/** One line per command. */
export function scenarioHelp(): readonly string[] {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  return Object.entries(COMMANDS).map(([name, { about }]) => `!${name.padEnd(width)}  ${about}`);
}
