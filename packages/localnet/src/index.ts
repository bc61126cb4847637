/** Localnet: two local chains with real Uniswap v3, a feed, an oracle, a paymaster; scenarios and RPC faults. */
export { type LocalChain, type StartChainOptions, startChain } from "./chain/chain.ts";
export { ChainClock, type ChainClockOptions } from "./chain/chain-clock.ts";
export * from "./errors.ts";
