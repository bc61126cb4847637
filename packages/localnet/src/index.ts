/** Localnet: two local chains with real Uniswap v3, a feed, an oracle, a paymaster; scenarios and RPC faults. */
export type { LocalAccount, LocalKeys } from "./accounts.ts";
export type { MineOptions } from "./chain/block-producer.ts";
export { LocalChain, type StartChainOptions, startChain } from "./chain/chain.ts";
export { ChainClock, type ChainClockOptions } from "./chain/chain-clock.ts";
export type { ChainClient } from "./chain/client.ts";
export * from "./errors.ts";
export * from "./faults/index.ts";
export type { Feed, FeedRound } from "./feed.ts";
export {
  BASE_CHAIN_ID,
  JEJU_CHAIN_ID,
  type Localnet,
  type LocalnetAddresses,
  startLocalnet,
} from "./localnet.ts";
export type { Market, PoolState } from "./market/market.ts";
export { elizaUsd8Of } from "./market/price-math.ts";
export { type FeeTier, uniswapV3FactoryAbi, uniswapV3PoolAbi } from "./market/uniswap-v3.ts";
export type { LocalnetOptions, LocalnetSettings } from "./options.ts";
export type { OracleState, OracleUpdate, OwnerActions } from "./oracle.ts";
export * from "./scenarios/index.ts";
export type { Sequencer } from "./sequencer.ts";
