/** Whether a transaction of the oracle's updater may still land, as Jeju tells: evidence that needs no living agent. */
import {
  type Clock,
  defineEnv,
  type Env,
  parseEnv,
  registerUrlSecrets,
  withDeadline,
} from "@jeju-oracle/kit";
import { type Address, createPublicClient, http } from "viem";
import { ownerReads } from "./owner-env.ts";
import { OwnerChainError } from "./owner-errors.ts";

const env = defineEnv({ JEJU_RPC_URLS: ownerReads.JEJU_RPC_URLS });
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * Asks every endpoint, since each has a pool of its own, and takes the worst answer.
 * @returns undefined when the updater is a contract: its callers' accounts are not known here.
 * @throws {OwnerChainError} when none answers. {ConfigError}
 */
export async function updaterInFlight(
  variables: Env,
  clock: Clock,
  updater: string,
): Promise<boolean | undefined> {
  const { JEJU_RPC_URLS: urls } = parseEnv(env, variables);
  const answers = await Promise.allSettled(
    urls.map((url) => {
      registerUrlSecrets(url);
      return withDeadline(clock, "the updater's account", 2 * REQUEST_TIMEOUT_MS, () =>
        askOne(url, updater as Address),
      );
    }),
  );
  const told = answers.filter((answer) => answer.status === "fulfilled").map(({ value }) => value);
  if (told.length === 0) {
    const failed = answers.find((answer) => answer.status === "rejected");
    throw new OwnerChainError("the updater's account", failed?.reason);
  }
  if (told.includes(true)) return true;
  return told.includes(false) ? false : undefined;
}

async function askOne(url: string, address: Address): Promise<boolean | undefined> {
  const client = createPublicClient({
    transport: http(url, { timeout: REQUEST_TIMEOUT_MS, retryCount: 0, batch: true }),
  });
  const [code, landed, known] = await Promise.all([
    client.getCode({ address }),
    client.getTransactionCount({ address, blockTag: "latest" }),
    client.getTransactionCount({ address, blockTag: "pending" }),
  ]);
  if (code !== undefined && code !== "0x") return undefined;
  return known > landed;
}
