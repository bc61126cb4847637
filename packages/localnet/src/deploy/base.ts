/** Deploys the Base side: WETH, elizaOS, the real Uniswap v3 factory and pool, and the two Chainlink feeds. */
import { mockAggregatorAbi, mockAggregatorBytecode } from "@jeju-oracle/contracts/MockAggregator";
import { poolCallerAbi, poolCallerBytecode } from "@jeju-oracle/contracts/PoolCaller";
import { testERC20Abi, testERC20Bytecode } from "@jeju-oracle/contracts/TestERC20";
import { weth9Abi, weth9Bytecode } from "@jeju-oracle/contracts/WETH9";
import { type Address, getContractAddress, keccak256, maxUint256, slice, toHex } from "viem";
import type { LocalKeys } from "../accounts.ts";
import type { LocalChain } from "../chain/chain.ts";
import { Feed } from "../feed.ts";
import { rpcBatch } from "../json-rpc.ts";
import { Market } from "../market/market.ts";
import { fullRangeLiquidity, sqrtPriceX96Of } from "../market/price-math.ts";
import {
  TICK_SPACING,
  uniswapV3FactoryAbi,
  uniswapV3FactoryBytecode,
  uniswapV3PoolAbi,
  uniswapV3PoolAddress,
} from "../market/uniswap-v3.ts";
import type { LocalnetSettings } from "../options.ts";
import { Sequencer } from "../sequencer.ts";
import { call, deployment, Transactor } from "../transactor.ts";

export interface BaseDeployment {
  readonly addresses: {
    readonly feed: Address;
    readonly sequencerFeed: Address;
    readonly weth: Address;
    readonly elizaToken: Address;
    readonly factory: Address;
    readonly pool: Address;
    readonly poolCaller: Address;
  };
  readonly feed: Feed;
  readonly sequencer: Sequencer;
  readonly market: Market;
}

const RICH_WEI = 10n ** 27n;
const TRADER_WETH_WEI = 10n ** 26n;
const TRADER_WHOLE_ELIZA = 10n ** 15n;
/** One transaction pays about 22,000 gas for each observation slot. */
const CARDINALITY_STEP = 500;
const SEQUENCER_IS_UP = 0n;

/** An account whose first contract address sorts as asked against WETH's: the pool orders its tokens by address. */
function elizaDeployer(
  weth: Address,
  tokenOrder: LocalnetSettings["tokenOrder"],
): { from: Address; token: Address } {
  for (let candidate = 0; ; candidate++) {
    const from = slice(keccak256(toHex(`elizaOS deployer ${candidate}`)), 12);
    const token = getContractAddress({ from, nonce: 0n });
    if (token.toLowerCase() < weth.toLowerCase() === (tokenOrder === "eliza-token0")) return { from, token };
  }
}

/** The pool's observation slots can only grow, and each step must fit into one transaction. */
function cardinalitySteps(cardinality: number): number[] {
  const steps: number[] = [];
  for (let reached = CARDINALITY_STEP; reached < cardinality; reached += CARDINALITY_STEP)
    steps.push(reached);
  return cardinality === 1 ? [] : [...steps, cardinality];
}

/** @throws {LocalTransactionError} when a step reverts: the options ask for something the pool refuses. */
export async function deployBase(
  base: LocalChain,
  keys: LocalKeys,
  settings: LocalnetSettings,
): Promise<BaseDeployment> {
  const owner = new Transactor(base, keys.owner.address);
  const trader = new Transactor(base, keys.trader.address);
  const weth = owner.addressAt(0);
  const factory = owner.addressAt(1);
  const poolCaller = owner.addressAt(2);
  const feedAddress = owner.addressAt(3);
  const sequencerFeed = owner.addressAt(4);
  const { from: elizaOwner, token: elizaToken } = elizaDeployer(weth, settings.tokenOrder);
  const elizaIsToken0 = settings.tokenOrder === "eliza-token0";
  const tokens = elizaIsToken0 ? ([elizaToken, weth] as const) : ([weth, elizaToken] as const);
  const pool = uniswapV3PoolAddress(factory, ...tokens, settings.feeTier);
  const layout = { elizaIsToken0, elizaDecimals: settings.elizaDecimals };
  const sqrtPriceX96 = sqrtPriceX96Of(settings.elizaPerEth18, layout);

  const feed = new Feed({
    chain: base,
    publisher: owner,
    address: feedAddress,
    decimals: settings.feedDecimals,
  });
  const tickSpacing = TICK_SPACING[settings.feeTier];
  const market = new Market({ chain: base, trader, pool, poolCaller, tickSpacing, ...layout });

  await rpcBatch(base.rpcUrl, [
    { method: "anvil_impersonateAccount", params: [elizaOwner] },
    ...[elizaOwner, keys.owner.address, keys.trader.address].map((account) => ({
      method: "anvil_setBalance",
      params: [account, toHex(RICH_WEI)],
    })),
  ]);
  await new Transactor(base, elizaOwner).send(
    deployment("elizaOS", testERC20Abi, testERC20Bytecode, ["elizaOS", "ELIZAOS", settings.elizaDecimals]),
  );
  await owner.send(
    deployment("WETH9", weth9Abi, weth9Bytecode),
    deployment("UniswapV3Factory", uniswapV3FactoryAbi, uniswapV3FactoryBytecode()),
    deployment("PoolCaller", poolCallerAbi, poolCallerBytecode),
    deployment("ETH/USD feed", mockAggregatorAbi, mockAggregatorBytecode, [
      settings.feedDecimals,
      "ETH / USD",
      feed.toOwnDecimals(settings.ethUsd8),
    ]),
    deployment("sequencer feed", mockAggregatorAbi, mockAggregatorBytecode, [
      0,
      "L2 Sequencer Uptime Status Feed",
      SEQUENCER_IS_UP,
    ]),
    call(factory, uniswapV3FactoryAbi, "createPool", [...tokens, settings.feeTier]),
    call(pool, uniswapV3PoolAbi, "initialize", [sqrtPriceX96]),
  );
  const minted = TRADER_WHOLE_ELIZA * 10n ** BigInt(settings.elizaDecimals);
  await trader.send(
    call(elizaToken, testERC20Abi, "mint", [keys.trader.address, minted]),
    { ...call(weth, weth9Abi, "deposit", []), valueWei: TRADER_WETH_WEI },
    call(weth, weth9Abi, "approve", [poolCaller, maxUint256]),
    call(elizaToken, testERC20Abi, "approve", [poolCaller, maxUint256]),
    ...cardinalitySteps(settings.observationCardinality).map((step) =>
      call(pool, uniswapV3PoolAbi, "increaseObservationCardinalityNext", [step]),
    ),
  );
  await market.addFullRange(fullRangeLiquidity(settings.wethDepthWei, sqrtPriceX96, layout));
  return {
    addresses: { feed: feedAddress, sequencerFeed, weth, elizaToken, factory, pool, poolCaller },
    feed,
    sequencer: new Sequencer(owner, sequencerFeed),
    market,
  };
}
