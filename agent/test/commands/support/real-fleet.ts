/** Real agents on a local network, each under a supervisor that starts it again when it asks for that. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@jeju-oracle/kit";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { type FleetOffice, type FleetReport, openFleetOffice } from "@jeju-oracle/plugin-leader-lock";
import { type SpawnedAgent, spawnCli } from "../../support/spawned-agent.ts";

/** sysexits.h EX_TEMPFAIL: what an agent ends with that wants to be started again. */
const EXIT_RESTART = 75;
const WAIT_MS = 30_000;

/** Short times, with room for a busy machine: a leader has 3 s for a renewal. */
const FAST_TIMES = {
  LEADER_LOCK_TTL_MS: "4000",
  LEADER_LOCK_RENEW_MS: "500",
  LEADER_LOCK_MARGIN_MS: "500",
  LEADER_LOCK_OP_TIMEOUT_MS: "1000",
  LEADER_LOCK_POLL_MS: "200",
};

/** One host's service manager, for one agent. */
class SupervisedBot {
  agent: SpawnedAgent;
  readonly #env: Readonly<Record<string, string>>;
  #ended: Promise<void>;

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
    this.agent = spawnCli(["run"], env);
    this.#ended = this.#supervise();
  }

  async #supervise(): Promise<void> {
    while ((await this.agent.exited) === EXIT_RESTART) this.agent = spawnCli(["run"], this.#env);
  }

  /** Ends the agent in order; the supervisor does not start it again. */
  async stop(): Promise<void> {
    this.agent.signal("SIGTERM");
    await this.#ended;
  }

  start(): void {
    this.agent = spawnCli(["run"], this.#env);
    this.#ended = this.#supervise();
  }
}

export class RealFleet {
  readonly bots: ReadonlyMap<string, SupervisedBot>;
  /** All that the command line needs. */
  readonly operatorEnv: Readonly<Record<string, string>>;
  readonly #localnet: Localnet;
  readonly #office: FleetOffice;
  readonly #directory: string;

  private constructor(localnet: Localnet, office: FleetOffice, directory: string) {
    this.#localnet = localnet;
    this.#office = office;
    this.#directory = directory;
    this.operatorEnv = {
      ...timesAndFile(directory),
      JEJU_RPC_URLS: localnet.env().JEJU_RPC_URLS ?? "",
      USER: "ana",
    };
    this.bots = new Map(
      [0, 1].map((index) => {
        const env = { ...localnet.env(index), ...timesAndFile(directory), ...agentEnv(directory, index) };
        return [`bot-${index + 1}`, new SupervisedBot(env)] as const;
      }),
    );
  }

  /** Two agents over a lock file of their own, one of which leads. */
  static async start(): Promise<RealFleet> {
    const localnet = await startLocalnet({});
    const directory = mkdtempSync(join(tmpdir(), "real-fleet-"));
    const office = await openFleetOffice(timesAndFile(directory), systemClock, silentLogger);
    const fleet = new RealFleet(localnet, office, directory);
    await fleet.until(({ members }) => members.length === 2 && members.every(({ report }) => report.healthy));
    await fleet.until(({ lease }) => lease?.holder != null);
    return fleet;
  }

  /** The same with what looks at the chains and at the first host's state need; no key of an agent. */
  get hostEnv(): Readonly<Record<string, string>> {
    const { PRICE_UPDATER_PRIVATE_KEY: _key, ...env } = this.#localnet.env();
    return { ...env, ...this.operatorEnv, STATE_DIR: join(this.#directory, "state-0") };
  }

  get ownerKey(): string {
    return this.#localnet.keys.owner.privateKey;
  }

  /** Waits until the store shows what is wanted. */
  async until(holds: (report: FleetReport) => boolean): Promise<FleetReport> {
    const signal = AbortSignal.timeout(WAIT_MS);
    for (;;) {
      const report = await this.#office.report();
      if (holds(report)) return report;
      if (signal.aborted) throw new Error(`the fleet never got there: ${JSON.stringify(report, replacer)}`);
      await this.#office.changed(200, signal);
    }
  }

  /** Leader and follower of the moment. */
  async roles(): Promise<{ readonly leader: string; readonly follower: string; readonly term: number }> {
    const { lease, members } = await this.until((report) => report.lease?.holder != null);
    const leader = lease?.holder?.botId ?? "";
    const follower = members.find(({ identity }) => identity.botId !== leader)?.identity.botId ?? "";
    return { leader, follower, term: lease?.term ?? 0 };
  }

  updates(): Promise<number> {
    return this.#localnet.updates().then(({ length }) => length);
  }

  bot(botId: string): SupervisedBot {
    const bot = this.bots.get(botId);
    if (bot === undefined) throw new Error(`no bot ${botId}`);
    return bot;
  }

  async stop(): Promise<void> {
    for (const { agent } of this.bots.values()) await agent[Symbol.asyncDispose]();
    await this.#office.close();
    await this.#localnet.stop();
    rmSync(this.#directory, { recursive: true });
  }
}

function timesAndFile(directory: string): Record<string, string> {
  return { ...FAST_TIMES, LEADER_LOCK_FILE: join(directory, "leader.lock") };
}

/** An agent that finds every look due: a heartbeat of one second. */
function agentEnv(directory: string, index: number): Record<string, string> {
  return {
    STATE_DIR: join(directory, `state-${index}`),
    HEALTH_CHECK_PORT: "0",
    HEALTH_CHECK_HOST: "127.0.0.1",
    LOG_FORMAT: "json",
    UPDATE_INTERVAL_MS: "1000",
    MIN_UPDATE_INTERVAL_S: "1",
    PRICE_POLL_INTERVAL_MS: "200",
  };
}

function replacer(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
