/** A real Uniswap v3 factory and pool, from the published bytecode, with two test tokens and a PoolCaller. */
import UniswapV3Factory from "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json";
import { type Address, encodeDeployData, encodeFunctionData, type Hex, maxUint256, parseAbi } from "viem";
import { poolCallerAbi, poolCallerBytecode } from "../../artifacts/PoolCaller.ts";
import { testERC20Abi, testERC20Bytecode } from "../../artifacts/TestERC20.ts";
import { type Chain, deploy, send } from "./chain.ts";

const factoryAbi = parseAbi([
  "function createPool(address tokenA, address tokenB, uint24 fee) returns (address)",
  "function getPool(address, address, uint24) view returns (address)",
]);
export const poolAbi = parseAbi([
  "function initialize(uint160 sqrtPriceX96)",
  "function slot0() view returns (uint160 sqrtPriceX96, int24 tick, uint16, uint16, uint16, uint8, bool)",
  "function liquidity() view returns (uint128)",
  "function token0() view returns (address)",
]);

const feeTier = 3_000;
/** Price 1 in the pool's own format. */
export const sqrtPriceOfOneX96 = 2n ** 96n;

export interface Market {
  readonly pool: Address;
  readonly caller: Address;
  readonly tokens: readonly Address[];
}

/** A pool at price 1 without liquidity; `trader` holds and has approved plenty of both tokens. */
export async function deployMarket(chain: Chain, trader: Address): Promise<Market> {
  const factory = await deploy(chain, trader, UniswapV3Factory.bytecode as Hex);
  const caller = await deploy(
    chain,
    trader,
    encodeDeployData({ abi: poolCallerAbi, bytecode: poolCallerBytecode }),
  );
  const tokens: Address[] = [];
  for (const symbol of ["ONE", "TWO"]) {
    const args = [symbol, symbol, 18] as const;
    const token = await deploy(
      chain,
      trader,
      encodeDeployData({ abi: testERC20Abi, bytecode: testERC20Bytecode, args }),
    );
    tokens.push(token);
    const plenty = 10n ** 30n;
    for (const data of [
      encodeFunctionData({ abi: testERC20Abi, functionName: "mint", args: [trader, plenty] }),
      encodeFunctionData({ abi: testERC20Abi, functionName: "approve", args: [caller, maxUint256] }),
    ])
      await send(chain, { from: trader, to: token, data });
  }
  const pair = [tokens[0]!, tokens[1]!, feeTier] as const;
  const createPool = encodeFunctionData({ abi: factoryAbi, functionName: "createPool", args: pair });
  await send(chain, { from: trader, to: factory, data: createPool, gas: 10_000_000n });
  const pool = await chain.readContract({
    address: factory,
    abi: factoryAbi,
    functionName: "getPool",
    args: pair,
  });
  const initialize = encodeFunctionData({
    abi: poolAbi,
    functionName: "initialize",
    args: [sqrtPriceOfOneX96],
  });
  await send(chain, { from: trader, to: pool, data: initialize });
  return { pool, caller, tokens };
}
