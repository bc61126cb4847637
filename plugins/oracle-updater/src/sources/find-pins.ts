/**
 * Finds at start what is then kept: the pool, its token order and the decimals. Two requests at most.
 */
import { BaseError, type ConfigProblem } from "@jeju-oracle/kit";
import { type Address, isAddressEqual, zeroAddress } from "viem";
import type { OracleConfig } from "../config.ts";
import type { SourcePins } from "../price/source-reading.ts";
import { type BatchSnapshot, batchReadCall, type ContractCall, decodeBatchRead } from "../rpc/batch-read.ts";
import { contractRead } from "../rpc/contract-read.ts";
import type { RpcPool } from "../rpc/rpc-pool.ts";
import { aggregatorAbi, erc20Abi, factoryAbi, poolAbi } from "./abis.ts";

/** Fee tiers that are searched, in hundredths of a basis point. DESIGN section 3. */
const FEE_TIERS = [500, 3000, 10_000] as const;

/** The sources on Base cannot be identified. Carries the variables to correct. */
export class SourceSetupError extends BaseError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ variable, problem }) => `${variable}: ${problem}`).join("; "), {
      code: "source-setup",
      retryable: false,
      nextStep: "Correct the variables and start again; `oracle-agent check-config` checks without sending.",
      docsPath: "docs/configuration.md",
    });
    this.problems = problems;
  }
}

/**
 * @throws {SourceSetupError} when an address has no such contract or no pool exists.
 * @throws {ChainUnreachableError} when Base cannot be read.
 */
export async function findSourcePins(
  rpc: RpcPool,
  config: OracleConfig,
  signal?: AbortSignal,
): Promise<SourcePins> {
  const feedDecimals = contractRead(config.feed, aggregatorAbi, "decimals", []);
  const elizaDecimals = contractRead(config.elizaToken, erc20Abi, "decimals", []);
  const candidates = FEE_TIERS.map((fee) =>
    contractRead(config.factory, factoryAbi, "getPool", [config.elizaToken, config.weth, fee]),
  );
  const found = await readOnce(rpc, config, [feedDecimals, elizaDecimals, ...candidates], signal);
  const decimalsOfFeed = feedDecimals.decode(found.results[0]);
  const decimalsOfEliza = elizaDecimals.decode(found.results[1]);
  const pools =
    config.pool === undefined
      ? candidates
          .map((read, index) => read.decode(found.results[2 + index]))
          .filter((pool): pool is Address => pool !== undefined && pool !== zeroAddress)
      : [config.pool];
  const problems: ConfigProblem[] = [];
  if (decimalsOfFeed === undefined)
    problems.push(noContract("CHAINLINK_ETH_USD_FEED", config.feed, "price feed"));
  if (decimalsOfEliza === undefined)
    problems.push(noContract("ELIZAOS_TOKEN_BASE", config.elizaToken, "ERC-20 token"));
  const market = await deepestPool(rpc, config, pools, signal);
  if (market === undefined) {
    problems.push(
      config.pool === undefined
        ? noContract("UNISWAP_V3_FACTORY", config.factory, "elizaOS/WETH pool in any fee tier")
        : noContract("UNISWAP_V3_POOL", config.pool, "elizaOS/WETH Uniswap v3 pool"),
    );
  }
  if (decimalsOfFeed === undefined || decimalsOfEliza === undefined || market === undefined) {
    throw new SourceSetupError(problems);
  }
  return { ...market, elizaDecimals: decimalsOfEliza, feedDecimals: decimalsOfFeed };
}

async function deepestPool(
  rpc: RpcPool,
  config: OracleConfig,
  pools: readonly Address[],
  signal: AbortSignal | undefined,
): Promise<{ readonly pool: Address; readonly elizaIsToken0: boolean } | undefined> {
  if (pools.length === 0) return undefined;
  const reads = pools.map((pool) => ({
    pool,
    liquidity: contractRead(pool, poolAbi, "liquidity", []),
    token0: contractRead(pool, poolAbi, "token0", []),
    token1: contractRead(pool, poolAbi, "token1", []),
  }));
  const calls = reads.flatMap(({ liquidity, token0, token1 }) => [liquidity, token0, token1]);
  const { results } = await readOnce(rpc, config, calls, signal);
  let deepest: { pool: Address; elizaIsToken0: boolean; liquidity: bigint } | undefined;
  for (const [index, read] of reads.entries()) {
    const liquidity = read.liquidity.decode(results[3 * index]);
    const token0 = read.token0.decode(results[3 * index + 1]);
    const token1 = read.token1.decode(results[3 * index + 2]);
    if (liquidity === undefined || token0 === undefined || token1 === undefined) continue;
    const elizaIsToken0 = isAddressEqual(token0, config.elizaToken) && isAddressEqual(token1, config.weth);
    const elizaIsToken1 = isAddressEqual(token1, config.elizaToken) && isAddressEqual(token0, config.weth);
    if (!elizaIsToken0 && !elizaIsToken1) continue;
    if (deepest === undefined || liquidity > deepest.liquidity)
      deepest = { pool: read.pool, elizaIsToken0, liquidity };
  }
  return deepest === undefined ? undefined : { pool: deepest.pool, elizaIsToken0: deepest.elizaIsToken0 };
}

function readOnce(
  rpc: RpcPool,
  config: OracleConfig,
  calls: readonly ContractCall[],
  signal: AbortSignal | undefined,
): Promise<BatchSnapshot> {
  return rpc.attempt(async (session) => {
    const [reply] = await session.request([batchReadCall(zeroAddress, calls, "latest")]);
    return decodeBatchRead(reply, calls.length, config.base.chainId, session.label);
  }, signal);
}

function noContract(variable: string, address: Address, what: string): ConfigProblem {
  return { variable, problem: `there is no ${what} at ${address} on Base`, example: address };
}
