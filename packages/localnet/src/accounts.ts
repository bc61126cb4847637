/** Accounts of the well-known test mnemonic, which anvil funds and unlocks. Worthless outside a local chain. */
import { bytesToHex, type Hex } from "viem";
import { HDKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";

// The BIP-39 seed of "test test test test test test test test test test test junk" (hardhat's and anvil's default),
// written out because deriving it costs 2,048 rounds of SHA-512 at every start. test/accounts.test.ts checks it.
const TEST_MNEMONIC_SEED =
  "9dfc3c64c2f8bede1533b6a79f8570e5943e0b8fd1cf77107adf7b72cef42185d564a3aee24cab43f80e3c4538087d70fc824eabbad596a23c97b6ee8322ccc0";

/** A viem account that also tells its key, for agents that take the key from their environment. */
export type LocalAccount = PrivateKeyAccount & { readonly privateKey: Hex };

export interface LocalKeys {
  /** Owns the contracts and publishes the feed. */
  readonly owner: LocalAccount;
  /** The oracle's `priceUpdater` with the nonce fence. */
  readonly updater: LocalAccount;
  /** Provides the pool's liquidity and makes the swaps that move its price. */
  readonly trader: LocalAccount;
  /** One per bot: the updater for every one with the nonce fence, an own key each with the contract fence. */
  readonly bots: readonly LocalAccount[];
}

const OWNER_INDEX = 0;
const UPDATER_INDEX = 1;
const TRADER_INDEX = 2;
const FIRST_BOT_INDEX = 3;

/** Accounts that anvil must have for {@link deriveKeys} with as many bots. */
export function accountsNeeded(bots: number): number {
  return FIRST_BOT_INDEX + bots;
}

/** @param bots Number of bots. @param fence "nonce": they share the updater's key; "contract": each has its own. */
export function deriveKeys(bots: number, fence: "nonce" | "contract"): LocalKeys {
  const root = HDKey.fromMasterSeed(Uint8Array.fromHex(TEST_MNEMONIC_SEED)).derive("m/44'/60'/0'/0");
  const at = (index: number): LocalAccount => {
    const { privateKey } = root.deriveChild(index);
    if (privateKey === null) throw new TypeError("a derived key of the test mnemonic has no private part");
    const hex = bytesToHex(privateKey);
    return { ...privateKeyToAccount(hex), privateKey: hex };
  };
  const updater = at(UPDATER_INDEX);
  return {
    owner: at(OWNER_INDEX),
    updater,
    trader: at(TRADER_INDEX),
    bots: Array.from({ length: bots }, (_, i) => (fence === "nonce" ? updater : at(FIRST_BOT_INDEX + i))),
  };
}
