/** Puts the price loop together, once the sources are found. */
import type { Clock, Leadership, Logger } from "@jeju-oracle/kit";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { OracleConfig } from "./config.ts";
import type { Fence } from "./fence/fence.ts";
import { botTag } from "./fence/tag.ts";
import { JejuOracle } from "./oracle/jeju-oracle.ts";
import type { RpcPool } from "./rpc/rpc-pool.ts";
import { BaseSource } from "./sources/base-source.ts";
import { keepPins } from "./sources/keep-pins.ts";
import type { Journal } from "./transaction/journal.ts";
import { Sender } from "./transaction/sender.ts";
import type { AccountWatch } from "./updater/account-watch.ts";
import type { ApprovalBook } from "./updater/approval-book.ts";
import { BlockTimeEstimate } from "./updater/block-time.ts";
import type { ChainNow } from "./updater/chain-now.ts";
import { ChainWatch } from "./updater/chain-watch.ts";
import type { UpdaterEvents } from "./updater/events.ts";
import type { FailureBook } from "./updater/failure-book.ts";
import type { OverrideBook } from "./updater/override-book.ts";
import type { PauseBook } from "./updater/pause-book.ts";
import { PriceLoop } from "./updater/price-loop.ts";
import { PriceUpdater } from "./updater/price-updater.ts";

/** What exists before the sources are found, and answers for the agent meanwhile. */
export interface LoopParts {
  readonly config: OracleConfig;
  readonly botId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly baseRpc: RpcPool;
  readonly jejuRpc: RpcPool;
  readonly journal: Journal;
  readonly fence: Fence;
  readonly now: ChainNow;
  readonly account: AccountWatch;
  readonly failures: FailureBook;
  readonly pauses: PauseBook;
  readonly approvals: ApprovalBook;
  readonly overrides: OverrideBook;
  readonly leadership: () => Leadership;
  readonly events: UpdaterEvents;
  readonly beforeBroadcast: (() => Promise<void>) | undefined;
}

export interface RunningLoop {
  readonly updater: PriceUpdater;
  readonly watch: ChainWatch;
  readonly loop: PriceLoop;
}

/**
 * Finds the sources and builds the loop over them.
 * @param onCycle called after every cycle with the time it took.
 * @throws {SourceSetupError} when the sources cannot be identified. @throws {ChainUnreachableError} when Base cannot be read.
 */
export async function buildLoop(
  parts: LoopParts,
  onCycle: (updater: PriceUpdater, durationMs: number) => void,
  signal: AbortSignal,
): Promise<RunningLoop> {
  const { config, clock, logger, botId, baseRpc, jejuRpc, journal, fence } = parts;
  const { chainId } = config.jeju;
  const { deadlineMs } = config.transaction;
  const pins = await keepPins(baseRpc, config, journal, logger, signal);
  const account = privateKeyToAccount(config.updaterKey.reveal() as Hex);
  const blockTime = new BlockTimeEstimate();
  const watch = new ChainWatch({
    rpc: jejuRpc,
    fence,
    ownTag: botTag(botId),
    oracle: config.oracleAddress,
    journal,
    clock,
    transactionDeadlineMs: deadlineMs,
  });
  const sender = new Sender({
    rpc: jejuRpc,
    journal,
    chainId,
    account,
    oracle: config.oracleAddress,
    deadlineMs,
    clock,
    logger,
    blockTimeMs: () => blockTime.ms,
    beforeBroadcast: parts.beforeBroadcast,
  });
  const updater = new PriceUpdater({
    ...parts,
    pins,
    source: new BaseSource(baseRpc, config, pins),
    oracle: new JejuOracle({
      oracle: config.oracleAddress,
      sender: account.address,
      chainId,
      fence,
    }),
    senderAddress: account.address,
    sender,
    watch,
    blockTime,
  });
  const loop = new PriceLoop({
    updater,
    config,
    clock,
    logger,
    blockTime,
    onCycle: (durationMs) => onCycle(updater, durationMs),
  });
  return { updater, watch, loop };
}
