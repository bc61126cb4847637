/** One local chain: a real anvil whose every block and timestamp is under control. */
import { ChainPausedError } from "../errors.ts";
import { rpcRequest } from "../json-rpc.ts";
import { requireWhole } from "../require-whole.ts";
import { type AnvilProcess, spawnAnvil } from "./anvil-process.ts";
import { BlockProducer, type MineOptions } from "./block-producer.ts";
import { ChainClock } from "./chain-clock.ts";
import { type ChainClient, createChainClient } from "./client.ts";
import { stopBySignal } from "./stop-signal.ts";

export interface StartChainOptions {
  readonly chainId: number;
  /** Host milliseconds between blocks; "manual": blocks only by {@link LocalChain.mine}. */
  readonly blockTimeMs: number | "manual";
  /** Genesis timestamp in seconds. Default: the host's time, or the given clock's. */
  readonly startTimestampS?: number;
  /** Chain seconds per host second, default 1. Without effect on a manual chain, whose time stands still. */
  readonly speedUp?: number;
  /** A clock shared with another chain; then `speedUp` is the clock's. */
  readonly clock?: ChainClock;
  /** Unlocked, funded accounts of the test mnemonic, default 10. */
  readonly accounts?: number;
  /** How many of the latest states stay readable; older ones are dropped to bound memory. Default 128. */
  readonly historyBlocks?: number;
  /** Blocks only by {@link LocalChain.mine} until {@link LocalChain.startSchedule}. Default false. */
  readonly deferSchedule?: boolean;
}

const DEFAULT_ACCOUNTS = 10;
// anvil 1.7.1 copies all block hashes into every state it keeps: measured, about 100 bytes x states x blocks, so 128
// states cost 70 MB after 6,000 blocks. Runs of days should keep fewer.
export const DEFAULT_HISTORY_BLOCKS = 128;
const BLOCK_GAS_LIMIT = 200_000_000;

export class LocalChain {
  readonly chainId: number;
  readonly rpcUrl: string;
  readonly wsUrl: string;
  readonly client: ChainClient;
  readonly clock: ChainClock;
  readonly blockTimeMs: number | "manual";
  readonly #anvil: AnvilProcess;
  readonly #producer: BlockProducer;
  #paused = false;
  #frozen = false;

  private constructor(anvil: AnvilProcess, clock: ChainClock, genesisS: number, options: StartChainOptions) {
    this.#anvil = anvil;
    this.clock = clock;
    this.chainId = options.chainId;
    this.blockTimeMs = options.blockTimeMs;
    this.rpcUrl = `http://127.0.0.1:${anvil.port}`;
    this.wsUrl = `ws://127.0.0.1:${anvil.port}`;
    this.client = createChainClient(this.rpcUrl, options.chainId);
    this.#producer = new BlockProducer({
      rpcUrl: this.rpcUrl,
      clock,
      genesisTimestampS: genesisS,
      blockTimeMs: options.blockTimeMs,
    });
    if (options.deferSchedule !== true) this.#producer.start();
    void anvil.exited.then(() => this.#producer.stop());
  }

  /**
   * @throws {LocalnetInputError} for an unusable option.
   * @throws {ChainStartError} when anvil does not come up.
   */
  static async start(options: StartChainOptions): Promise<LocalChain> {
    const {
      chainId,
      blockTimeMs,
      accounts = DEFAULT_ACCOUNTS,
      historyBlocks = DEFAULT_HISTORY_BLOCKS,
    } = options;
    requireWhole("chainId", chainId, 1);
    requireWhole("accounts", accounts, 1);
    requireWhole("historyBlocks", historyBlocks, 1);
    if (blockTimeMs !== "manual") requireWhole("blockTimeMs", blockTimeMs, 20);
    const clock = options.clock ?? ownClock(options);
    const genesisS = options.startTimestampS ?? clock.nowS();
    requireWhole("startTimestampS", genesisS, 0);
    const anvil = await spawnAnvil([
      "--no-mining",
      ...["--chain-id", String(chainId)],
      ...["--timestamp", String(genesisS)],
      ...["--accounts", String(accounts)],
      ...["--gas-limit", String(BLOCK_GAS_LIMIT)],
      ...["--prune-history", String(historyBlocks)],
    ]);
    // Its request log is only useful until it listens.
    await rpcRequest(`http://127.0.0.1:${anvil.port}`, "anvil_setLoggingEnabled", [false]);
    return new LocalChain(anvil, clock, genesisS, options);
  }

  /** Process id of anvil itself. */
  get pid(): number {
    return this.#anvil.pid;
  }

  /** Settles with the exit code when anvil is gone, whoever ended it. */
  get exited(): Promise<number> {
    return this.#anvil.exited;
  }

  /** True after {@link pause}: no scheduled blocks, and helpers that need one refuse. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Why the last scheduled block failed, if it did. */
  get lastMiningError(): unknown {
    return this.#producer.lastError;
  }

  /**
   * Adds `count` blocks now, also while paused. Time stands still unless a timestamp or an interval is given.
   * @throws {LocalRpcError} when anvil refuses, for example a timestamp before the latest block's.
   */
  async mine(count = 1, options: MineOptions = {}): Promise<void> {
    requireWhole("count", count, 1);
    await this.#producer.mine(count, options);
  }

  /** For helpers that sent a transaction: adds the block that includes it. @throws {ChainPausedError} while paused. */
  async includeNow(what: string): Promise<void> {
    this.assertMining(what);
    await this.#producer.mine(1, {});
  }

  /** @throws {ChainPausedError} while paused, so that a helper refuses before it has sent anything. */
  assertMining(what: string): void {
    if (this.#paused) throw new ChainPausedError(this.chainId, what);
  }

  /** The next block, scheduled or not, gets exactly this timestamp in seconds. */
  setNextTimestamp(timestampS: number): void {
    requireWhole("timestampS", timestampS, 0);
    this.#producer.setNextTimestamp(timestampS);
  }

  /** Moves the clock (of every chain that shares it) ahead by whole seconds; blocks made later show it. */
  increaseTime(seconds: number): void {
    this.clock.advanceBy(seconds);
  }

  /** Timestamp of the latest block, seconds. */
  async timestampS(): Promise<number> {
    return Number((await this.client.getBlock({ blockTag: "latest" })).timestamp);
  }

  /** Starts the scheduled blocks that `deferSchedule` held back. Nothing to do on a manual chain. */
  startSchedule(): void {
    this.#producer.start();
  }

  /** Stops the chain: it answers, but no block comes. */
  async pause(): Promise<void> {
    this.#paused = true;
    await this.#producer.pause();
  }

  /** Blocks come again; the first one shows the time that has passed. */
  resume(): void {
    this.#paused = false;
    if (!this.#frozen) this.#producer.start();
  }

  /** Stops the process by SIGSTOP: connections are accepted by the kernel and never answered. */
  async sigstop(): Promise<void> {
    this.#frozen = true;
    await this.#producer.pause();
    await stopBySignal(this.pid);
  }

  /** Undoes {@link sigstop}. */
  sigcont(): void {
    process.kill(this.pid, "SIGCONT");
    this.#frozen = false;
    if (!this.#paused) this.#producer.start();
  }

  /** Ends the process and everything that belongs to it. Idempotent. */
  async stop(): Promise<void> {
    this.#producer.stop();
    await this.#anvil.stop();
  }
}

/** Starts one chain. See {@link LocalChain.start}. */
export function startChain(options: StartChainOptions): Promise<LocalChain> {
  return LocalChain.start(options);
}

function ownClock({ blockTimeMs, startTimestampS, speedUp = 1 }: StartChainOptions): ChainClock {
  if (blockTimeMs !== "manual" && startTimestampS === undefined && speedUp === 1)
    return ChainClock.realTime();
  return new ChainClock({
    startTimestampS: startTimestampS ?? Math.floor(Date.now() / 1000),
    speedUp: blockTimeMs === "manual" ? 0 : speedUp,
  });
}
