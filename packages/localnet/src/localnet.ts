/** The local network: Base with a market, Jeju with an oracle, one clock. Everything a test can see or do to it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountsNeeded, deriveKeys, type LocalKeys } from "./accounts.ts";
import { LocalChain } from "./chain/chain.ts";
import { ChainClock } from "./chain/chain-clock.ts";
import { type BaseDeployment, deployBase } from "./deploy/base.ts";
import { deployJeju, type JejuDeployment } from "./deploy/jeju.ts";
import { LocalnetInputError } from "./errors.ts";
import type { Feed } from "./feed.ts";
import type { Market } from "./market/market.ts";
import { type LocalnetOptions, type LocalnetSettings, resolveOptions } from "./options.ts";
import {
  type OracleState,
  type OracleUpdate,
  type OwnerActions,
  readOracleState,
  readOracleUpdates,
} from "./oracle.ts";
import { requireWhole } from "./require-whole.ts";
import type { Sequencer } from "./sequencer.ts";

/** Chain ids: Base as in production, Jeju's is its localnet's. */
export const BASE_CHAIN_ID = 8453;
export const JEJU_CHAIN_ID = 1337;

/** Addresses of what was deployed. */
export type LocalnetAddresses = BaseDeployment["addresses"] & JejuDeployment["addresses"];

export class Localnet {
  readonly base: LocalChain;
  readonly jeju: LocalChain;
  readonly clock: ChainClock;
  readonly settings: LocalnetSettings;
  readonly keys: LocalKeys;
  readonly addresses: LocalnetAddresses;
  readonly feed: Feed;
  readonly sequencer: Sequencer;
  readonly market: Market;
  readonly owner: OwnerActions;
  /** Where the bots of this network elect their leader, and only they. Gone, with all that is beside it, after `stop()`. */
  readonly lockFile: string;
  readonly #directory: string;

  constructor(
    chains: { readonly base: LocalChain; readonly jeju: LocalChain; readonly clock: ChainClock },
    settings: LocalnetSettings,
    keys: LocalKeys,
    onBase: BaseDeployment,
    onJeju: JejuDeployment,
    directory: string,
  ) {
    this.#directory = directory;
    this.lockFile = join(directory, "leader.lock");
    this.base = chains.base;
    this.jeju = chains.jeju;
    this.clock = chains.clock;
    this.settings = settings;
    this.keys = keys;
    this.addresses = { ...onBase.addresses, ...onJeju.addresses };
    this.feed = onBase.feed;
    this.sequencer = onBase.sequencer;
    this.market = onBase.market;
    this.owner = onJeju.owner;
  }

  /**
   * The environment of one agent. The bots of one network are one fleet: they share {@link lockFile}.
   * @throws {LocalnetInputError} for a bot that has no key.
   */
  env(botIndex = 0): Record<string, string> {
    const bot = this.keys.bots[botIndex];
    if (bot === undefined) {
      throw new LocalnetInputError(
        `there is no bot ${botIndex}`,
        `Give an index below ${this.keys.bots.length}, or start the localnet with more bots.`,
      );
    }
    const { addresses } = this;
    return {
      BASE_RPC_URLS: this.base.rpcUrl,
      BASE_WS_URL: this.base.wsUrl,
      BASE_CHAIN_ID: String(this.base.chainId),
      JEJU_RPC_URLS: this.jeju.rpcUrl,
      JEJU_WS_URL: this.jeju.wsUrl,
      JEJU_CHAIN_ID: String(this.jeju.chainId),
      CHAINLINK_ETH_USD_FEED: addresses.feed,
      SEQUENCER_UPTIME_FEED: addresses.sequencerFeed,
      UNISWAP_V3_FACTORY: addresses.factory,
      WETH_ADDRESS: addresses.weth,
      ELIZAOS_TOKEN_BASE: addresses.elizaToken,
      ORACLE_ADDRESS: addresses.oracle,
      PAYMASTER_ADDRESS: addresses.paymaster,
      ...(addresses.fencedUpdater === undefined ? {} : { FENCED_UPDATER_ADDRESS: addresses.fencedUpdater }),
      PRICE_UPDATER_PRIVATE_KEY: bot.privateKey,
      BOT_ID: `bot-${botIndex + 1}`,
      LEADER_LOCK_FILE: this.lockFile,
    };
  }

  /** What the oracle tells at the latest block. */
  oracleState(): Promise<OracleState> {
    return readOracleState(this.jeju, this.addresses.oracle);
  }

  /** The updates that landed, oldest first; the price set at deployment is none. */
  updates(range: { readonly fromBlock?: bigint; readonly toBlock?: bigint } = {}): Promise<OracleUpdate[]> {
    return readOracleUpdates(this.jeju, this.addresses.oracle, range);
  }

  /** Moves both chains' time ahead, over `blocks` new blocks (default 1) with evenly spread timestamps. */
  async advance(seconds: number, { blocks = 1 }: { readonly blocks?: number } = {}): Promise<void> {
    requireWhole("blocks", blocks, 1);
    requireWhole("seconds", seconds, 0);
    const chains = [this.base, this.jeju];
    for (let block = 1, passedS = 0; block <= blocks; block++) {
      const dueS = Math.floor((seconds * block) / blocks);
      this.clock.advanceBy(dueS - passedS);
      passedS = dueS;
      await Promise.all(chains.map((chain) => chain.mine()));
    }
  }

  /** Ends both chains and removes the lock file. Idempotent. */
  async stop(): Promise<void> {
    await Promise.all([this.base.stop(), this.jeju.stop()]);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/**
 * Starts both chains and deploys everything. On return the pool has `warmupS` of history, the feed has just published,
 * both heads show the same time, and blocks come as asked.
 * @throws {LocalnetInputError} for an unusable option. @throws {ChainStartError} when anvil does not come up.
 * @throws {LocalTransactionError} when the contracts refuse what was asked. No process and no file is left behind in any case.
 */
export async function startLocalnet(options: LocalnetOptions = {}): Promise<Localnet> {
  const settings = resolveOptions(options);
  const keys = deriveKeys(settings.bots, settings.fence);
  const historyS = Math.max(settings.warmupS, settings.initialOracle.ageS);
  const handOverS = settings.startTimestampS ?? ChainClock.realTime().nowS();
  // History is made on a clock that stands still between its dates.
  const clock = new ChainClock({ startTimestampS: handOverS - historyS, speedUp: 0 });
  const directory = mkdtempSync(join(tmpdir(), "localnet-"));
  let started: readonly LocalChain[] = [];
  try {
    const { base, jeju } = await startChains(clock, settings);
    started = [base, jeju];
    const deployedAt = { base: handOverS - settings.warmupS, jeju: handOverS - settings.initialOracle.ageS };
    const onBase = async () => {
      clock.advanceTo(deployedAt.base);
      return deployBase(base, keys, settings);
    };
    const onJeju = async () => {
      clock.advanceTo(deployedAt.jeju);
      return deployJeju(jeju, keys, settings);
    };
    let deployed: readonly [BaseDeployment, JejuDeployment];
    if (deployedAt.base <= deployedAt.jeju) deployed = [await onBase(), await onJeju()];
    else {
      const jejuFirst = await onJeju();
      deployed = [await onBase(), jejuFirst];
    }
    const localnet = new Localnet({ base, jeju, clock }, settings, keys, ...deployed, directory);
    await handOver(localnet, handOverS);
    return localnet;
  } catch (error) {
    await Promise.all(started.map((chain) => chain.stop()));
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Both chains, or neither. */
async function startChains(clock: ChainClock, settings: LocalnetSettings) {
  const common = {
    clock,
    accounts: accountsNeeded(settings.bots),
    historyBlocks: settings.historyBlocks,
    deferSchedule: true,
  };
  const [base, jeju] = await Promise.allSettled([
    LocalChain.start({ ...common, chainId: BASE_CHAIN_ID, blockTimeMs: settings.baseBlockTimeMs }),
    LocalChain.start({ ...common, chainId: JEJU_CHAIN_ID, blockTimeMs: settings.jejuBlockTimeMs }),
  ]);
  if (base.status === "fulfilled" && jeju.status === "fulfilled")
    return { base: base.value, jeju: jeju.value };
  for (const start of [base, jeju]) if (start.status === "fulfilled") await start.value.stop();
  throw base.status === "rejected"
    ? base.reason
    : jeju.status === "rejected"
      ? jeju.reason
      : new Error("unreachable");
}

/** Brings both heads and the feed to the present and starts time and blocks. */
async function handOver({ base, jeju, clock, feed, settings }: Localnet, handOverS: number): Promise<void> {
  clock.advanceTo(handOverS);
  const standsStill = settings.baseBlockTimeMs === "manual" && settings.jejuBlockTimeMs === "manual";
  if (!standsStill) {
    // Deploying took its time: a network in real time catches up with the host before it is handed over.
    if (settings.startTimestampS === undefined) clock.advanceTo(ChainClock.realTime().nowS());
    clock.run(settings.speedUp);
  }
  await Promise.all([feed.setAnswer(settings.ethUsd8), jeju.mine()]);
  base.startSchedule();
  jeju.startSchedule();
}
