/** Variables of the owner's actions. The RPC URLs and addresses are those of the price loop. */
import { defineEnv, envTypes } from "@jeju-oracle/kit";

const EXAMPLE_ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

/** Named here for reading only; their table is the price loop's. */
export const ownerReads = defineEnv({
  JEJU_RPC_URLS: {
    schema: envTypes.urls("http", "https"),
    about: "Jeju JSON-RPC endpoints.",
    example: "https://rpc.jeju.network",
    secret: true,
  },
  BASE_RPC_URLS: {
    schema: envTypes.urls("http", "https"),
    about: "Base JSON-RPC endpoints.",
    example: "https://mainnet.base.org",
    secret: true,
  },
  ORACLE_ADDRESS: {
    schema: envTypes.address(),
    about: "ManualPriceOracle on Jeju.",
    example: EXAMPLE_ADDRESS,
  },
  JEJU_CHAIN_ID: {
    schema: envTypes.integer(1, 2 ** 48),
    about: "Chain id of Jeju.",
    example: "420691",
    default: "420691",
  },
  CHAINLINK_ETH_USD_FEED: {
    schema: envTypes.address(),
    about: "Chainlink ETH/USD feed on Base.",
    example: EXAMPLE_ADDRESS,
    default: "0x71041dddad3595F9CEd3DcCFBe3D1F4b0a16Bb70",
  },
});

/** Every variable that only this part reads. */
export const ownerEnv = defineEnv({
  OWNER_PRIVATE_KEY: {
    schema: envTypes.privateKey().optional(),
    about:
      "Key of the oracle's owner, for emergency prices and unpausing. Unset: such actions are handed out as calldata.",
    example: "0x followed by 64 hex digits",
    secret: true,
    source: "seed: Emergency Manual Price Update",
  },
  PAYMASTER_ADDRESS: {
    schema: envTypes.address().optional(),
    about: "Paymaster on Jeju that can be paused while the oracle is wrong.",
    example: EXAMPLE_ADDRESS,
    source: "seed: Oracle Contract Issue",
  },
});
