/** The environment of the running deployment (its variable names, nothing else), pointed at a local network. */
import type { Localnet } from "@jeju-oracle/localnet";

/** URLs of servers that answer at any path; anvil itself does not. */
export interface Endpoints {
  readonly base: string;
  readonly jeju: string;
}

/** Part of each RPC URL, as a provider's key. */
const URL_KEY = "provider-key-0123456789abcdef";

export function deployedEnv(net: Localnet, stateDir: string, endpoints: Endpoints): Record<string, string> {
  const { addresses } = net;
  return {
    BASE_RPC_URLS: `${endpoints.base}/v2/${URL_KEY}`,
    JEJU_RPC_URLS: `${endpoints.jeju}/v2/${URL_KEY}`,
    ORACLE_ADDRESS: addresses.oracle,
    ELIZAOS_TOKEN_BASE: addresses.elizaToken,
    PRICE_UPDATER_PRIVATE_KEY: net.keys.updater.privateKey,
    UPDATE_INTERVAL_MS: "300000",
    MAX_PRICE_DEVIATION_PCT: "10",
    MIN_UPDATE_INTERVAL_S: "60",
    BOT_ID: "bot-aws-1",
    LEADER_ELECTION_ENABLED: "false",
    HEALTH_CHECK_PORT: "0",
    MAX_RETRIES: "3",
    RETRY_DELAY_MS: "5000",
    GAS_PRICE_MULTIPLIER: "1.2",
    MAX_GAS_PRICE_GWEI: "100",
    CHAINLINK_ETH_USD_FEED: addresses.feed,
    UNISWAP_V3_FACTORY: addresses.factory,
    WETH_ADDRESS: addresses.weth,
    JEJU_CHAIN_ID: String(net.jeju.chainId),
    STATE_DIR: stateDir,
  };
}

/** What must appear in no output: the key's 64 digits, and the key in the URLs. */
export function secretsOf(env: Readonly<Record<string, string>>): readonly string[] {
  return [(env.PRICE_UPDATER_PRIVATE_KEY ?? "").replace(/^0x/, ""), URL_KEY];
}
