/**
 * Checks against the chains before anything is sent: right chains, contracts where they should be, a key the oracle
 * accepts, a pool that remembers enough. What is wrong in the configuration is a problem; what is out of reach is not.
 */

import { fencedPriceUpdaterAbi } from "@jeju-oracle/contracts/FencedPriceUpdater";
import type { AgentContext, ConfigProblem } from "@jeju-oracle/kit";
import { type Address, encodeFunctionData, type Hex, isAddressEqual, zeroAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { ChainConfig, OracleConfig } from "./config.ts";
import { createFence } from "./fence/create-fence.ts";
import { oracleAbi } from "./oracle/abi.ts";
import { windowLadder } from "./price/twap.ts";
import { batchReadCall, decodeBatchRead } from "./rpc/batch-read.ts";
import { contractRead } from "./rpc/contract-read.ts";
import { RpcEndpoint } from "./rpc/endpoint.ts";
import { safeInteger } from "./rpc/parse.ts";
import { ChainUnreachableError, EndpointError } from "./rpc/rpc-errors.ts";
import { RpcPool } from "./rpc/rpc-pool.ts";
import { poolAbi } from "./sources/abis.ts";
import { findSourcePins, SourceSetupError } from "./sources/find-pins.ts";
import { poolReads } from "./sources/uniswap-v3.ts";

export interface StartupReport {
  /** The configuration is wrong: do not start. */
  readonly problems: readonly ConfigProblem[];
  /** Works, but an operator should know. */
  readonly notes: readonly string[];
  /** Could not be checked now. */
  readonly unreachable: readonly string[];
}

/** Base makes a block every 2 s (https://docs.base.org), and each block with a swap uses one observation. */
const BASE_BLOCK_TIME_S = 2;

/** Runs every check. Never throws for what it finds. */
export async function checkStartup(
  config: OracleConfig,
  context: Pick<AgentContext, "clock" | "logger">,
): Promise<StartupReport> {
  const parts = await Promise.all([
    checkChainIds("BASE_RPC_URLS", "Base", config.base, context),
    checkChainIds("JEJU_RPC_URLS", "Jeju", config.jeju, context),
  ]);
  const wrongChain = parts.some(({ problems }) => problems.length > 0);
  if (!wrongChain)
    parts.push(...(await Promise.all([checkSources(config, context), checkOracle(config, context)])));
  return {
    problems: parts.flatMap(({ problems }) => problems),
    notes: parts.flatMap(({ notes }) => notes),
    unreachable: parts.flatMap(({ unreachable }) => unreachable),
  };
}

type Context = Pick<AgentContext, "clock" | "logger">;

function report(part: Partial<StartupReport>): StartupReport {
  return { problems: [], notes: [], unreachable: [], ...part };
}

async function checkChainIds(
  variable: string,
  chain: string,
  config: ChainConfig,
  { clock }: Context,
): Promise<StartupReport> {
  const results = await Promise.all(
    config.rpcUrls.map(async (url, index): Promise<StartupReport> => {
      const endpoint = new RpcEndpoint(chain, index, url, clock);
      try {
        const [reply] = await endpoint.request([{ method: "eth_chainId", params: [] }], config.rpcTimeoutMs);
        if (reply?.ok !== true)
          return report({ unreachable: [`${endpoint.label} does not tell its chain id`] });
        const chainId = safeInteger(reply.result, endpoint.label, "chain id");
        if (chainId === config.chainId) return report({});
        const problem = `endpoint ${index} is on chain ${chainId}, expected is ${config.chainId}`;
        return report({
          problems: [{ variable, problem, example: `an endpoint of chain ${config.chainId}` }],
        });
      } catch (error) {
        if (!(error instanceof EndpointError)) throw error;
        return report({ unreachable: [error.message] });
      }
    }),
  );
  return {
    problems: results.flatMap(({ problems }) => problems),
    notes: [],
    unreachable: results.flatMap(({ unreachable }) => unreachable),
  };
}

async function checkSources(config: OracleConfig, context: Context): Promise<StartupReport> {
  const rpc = temporaryPool("Base", config.base, context);
  try {
    const pins = await findSourcePins(rpc, config);
    return await checkPoolMemory(rpc, config, pins.pool);
  } catch (error) {
    if (error instanceof SourceSetupError) return report({ problems: error.problems });
    if (error instanceof ChainUnreachableError) return report({ unreachable: [error.message] });
    throw error;
  }
}

/** A pool that remembers too little is no error, but its price cannot be used: say so and give the cure. */
async function checkPoolMemory(rpc: RpcPool, config: OracleConfig, pool: Address): Promise<StartupReport> {
  const reads = poolReads(pool, windowLadder(config.twapWindowS, config.twapMinWindowS));
  const reading = await rpc.attempt(async (session) => {
    const [reply] = await session.request([batchReadCall(zeroAddress, reads.calls, "latest")]);
    return reads.decode(
      decodeBatchRead(reply, reads.calls.length, config.base.chainId, session.label).results,
    );
  });
  const needed = Math.min(Math.ceil(config.twapWindowS / BASE_BLOCK_TIME_S) + 1, 65_535);
  if (reading === undefined || reading.observationCardinalityNext >= needed) return report({});
  const servesNow = reading.window !== undefined;
  const otherwise = config.allowSampledMedian
    ? "until then the median of own samples serves"
    : "until then set ALLOW_SAMPLED_MEDIAN=true, or readings are rejected as twap-window-too-short";
  return report({
    notes: [
      `the pool ${pool} keeps ${reading.observationCardinality} observations, ${needed} cover TWAP_WINDOW_S in busy times` +
        (servesNow
          ? " (its average can be read at the moment)"
          : ` (its average cannot be read now; ${otherwise})`),
      `cure: anyone sends, on Base, to ${pool}: ${cardinalityCalldata(needed)}`,
      `as a command: cast send ${pool} "increaseObservationCardinalityNext(uint16)" ${needed} --rpc-url $BASE_RPC_URL --private-key $ANY_FUNDED_KEY`,
    ],
  });
}

/** Calldata that makes a pool remember `observations` of its blocks. */
function cardinalityCalldata(observations: number): Hex {
  return encodeFunctionData({
    abi: poolAbi,
    functionName: "increaseObservationCardinalityNext",
    args: [observations],
  });
}

async function checkOracle(config: OracleConfig, context: Context): Promise<StartupReport> {
  const rpc = temporaryPool("Jeju", config.jeju, context);
  const sender = privateKeyToAccount(config.updaterKey.reveal() as Hex).address;
  const fence = createFence(config, sender);
  const reads = {
    prices: contractRead(config.oracleAddress, oracleAbi, "getPrices", []),
    updater: contractRead(config.oracleAddress, oracleAbi, "priceUpdater", []),
    owner: contractRead(config.oracleAddress, oracleAbi, "owner", []),
    fencedOracle: contractRead(fence.target, fencedPriceUpdaterAbi, "oracle", []),
    isBot: contractRead(fence.target, fencedPriceUpdaterAbi, "isBot", [sender]),
  };
  try {
    return await rpc.attempt(async (session) => {
      const calls = [reads.prices, reads.updater, reads.owner, reads.fencedOracle, reads.isBot];
      const [reply] = await session.request([batchReadCall(sender, calls, "latest")]);
      const { results, accountBalanceWei } = decodeBatchRead(
        reply,
        calls.length,
        config.jeju.chainId,
        session.label,
      );
      const problems: ConfigProblem[] = [];
      if (reads.prices.decode(results[0]) === undefined) {
        problems.push({
          variable: "ORACLE_ADDRESS",
          problem: `there is no ManualPriceOracle at ${config.oracleAddress} on Jeju`,
          example: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
        });
        return report({ problems });
      }
      const updater = reads.updater.decode(results[1]);
      const mayUpdate = [updater, reads.owner.decode(results[2])].some(
        (address) => address !== undefined && isAddressEqual(address, fence.requiredUpdater),
      );
      if (!mayUpdate) {
        problems.push({
          variable:
            config.fencedUpdater === undefined ? "PRICE_UPDATER_PRIVATE_KEY" : "FENCED_UPDATER_ADDRESS",
          problem: `the oracle accepts updates from ${updater ?? "nobody"}, not from ${fence.requiredUpdater}`,
          example: "the key or contract that the owner set by setPriceUpdater",
        });
      }
      if (config.fencedUpdater !== undefined) {
        const fencedOracle = reads.fencedOracle.decode(results[3]);
        if (fencedOracle === undefined || !isAddressEqual(fencedOracle, config.oracleAddress)) {
          problems.push({
            variable: "FENCED_UPDATER_ADDRESS",
            problem: `there is no FencedPriceUpdater of this oracle at ${config.fencedUpdater}`,
            example: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
          });
        } else if (reads.isBot.decode(results[4]) !== true) {
          problems.push({
            variable: "PRICE_UPDATER_PRIVATE_KEY",
            problem: `the fenced updater does not list ${sender} as a bot`,
            example: "a key whose address the owner allowed by setBot",
          });
        }
      }
      const notes =
        accountBalanceWei === 0n ? [`the updater's wallet ${sender} is empty on Jeju: fund it`] : [];
      return report({ problems, notes });
    });
  } catch (error) {
    if (error instanceof ChainUnreachableError) return report({ unreachable: [error.message] });
    throw error;
  }
}

function temporaryPool(chain: "Base" | "Jeju", config: ChainConfig, { clock, logger }: Context): RpcPool {
  return new RpcPool({
    chain,
    urls: config.rpcUrls,
    chainId: config.chainId,
    timeoutMs: config.rpcTimeoutMs,
    clock,
    logger,
    events: { request: () => undefined, failover: () => undefined },
  });
}
