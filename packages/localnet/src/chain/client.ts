/** The viem client of a local chain: reads, unlocked accounts' writes, and anvil's test methods in one. */
import { createTestClient, defineChain, http, publicActions, walletActions } from "viem";

/** Requests to a local chain take milliseconds; ten seconds means that it is stopped. */
const REQUEST_DEADLINE_MS = 10_000;

/** @param rpcUrl HTTP endpoint of the chain. */
export function createChainClient(rpcUrl: string, chainId: number) {
  return createTestClient({
    mode: "anvil",
    chain: defineChain({
      id: chainId,
      name: `local ${chainId}`,
      nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
      rpcUrls: { default: { http: [rpcUrl] } },
    }),
    transport: http(rpcUrl, { retryCount: 0, timeout: REQUEST_DEADLINE_MS }),
    pollingInterval: 20,
    cacheTime: 0,
  })
    .extend(publicActions)
    .extend(walletActions);
}

export type ChainClient = ReturnType<typeof createChainClient>;
