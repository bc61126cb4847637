/** Which prices landed, and who sent them, as the chain tells. Independent of every agent. */
import {
  BaseError,
  type Clock,
  defineEnv,
  describeError,
  type Env,
  parseEnv,
  registerUrlSecrets,
  withDeadline,
} from "@jeju-oracle/kit";
import {
  type Address,
  createPublicClient,
  fallback,
  type Hex,
  http,
  isAddressEqual,
  type PublicClient,
  parseAbiItem,
} from "viem";
import { oracleOwnerAbi } from "../owner/abis.ts";
import { ownerReads } from "../owner/owner-env.ts";
import type { LandedPrice, Part } from "./incident.ts";

const env = defineEnv({ JEJU_RPC_URLS: ownerReads.JEJU_RPC_URLS, ORACLE_ADDRESS: ownerReads.ORACLE_ADDRESS });
const PRICES_UPDATED = parseAbiItem(
  "event PricesUpdated(uint256 ethPrice, uint256 elizaPrice, uint256 timestamp)",
);
const SOURCE = "prices on chain";
/** Providers limit the range of one log query. */
const LOG_PAGE_BLOCKS = 500n;
/** Bounds the work: at 2 s per block about eleven days. */
const MAX_PAGES = 1_000;
const PAGES_AT_ONCE = 8;
/** The newest ones are told apart; older ones are listed without their sender. */
const MAX_SENDERS = 500;
const SENDERS_AT_ONCE = 20;
const REQUEST_TIMEOUT_MS = 5_000;
const WHOLE_DEADLINE_MS = 60_000;

export interface PriceSearch {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Who of the fleet made this calldata, in words; undefined for others. */
  readonly botOf: (calldata: Hex) => string | undefined;
}

/** Never rejects: what cannot be read is named as missing. Prices are oldest first. */
export async function readPrices(
  variables: Env,
  clock: Clock,
  search: PriceSearch,
): Promise<Part<LandedPrice>> {
  try {
    const { JEJU_RPC_URLS: urls, ORACLE_ADDRESS: oracle } = parseEnv(env, variables);
    for (const url of urls) registerUrlSecrets(url);
    const requests = { timeout: REQUEST_TIMEOUT_MS, retryCount: 0, batch: true } as const;
    const client = createPublicClient({ transport: fallback(urls.map((url) => http(url, requests))) });
    return await withDeadline(clock, SOURCE, WHOLE_DEADLINE_MS, (signal) =>
      pricesOf(client, oracle, search, signal),
    );
  } catch (error) {
    const why = error instanceof BaseError ? describeError(error) : firstLine(error);
    return { sources: [{ name: SOURCE, problem: `missing: ${why}` }], items: [] };
  }
}

async function pricesOf(
  client: PublicClient,
  oracle: Address,
  { sinceMs, untilMs, botOf }: PriceSearch,
  signal: AbortSignal,
): Promise<Part<LandedPrice>> {
  const head = await client.getBlockNumber();
  const wanted = await firstBlockAt(client, head, BigInt(Math.floor(sinceMs / 1_000)), signal);
  const earliest = head - LOG_PAGE_BLOCKS * BigInt(MAX_PAGES) + 1n;
  const from = wanted > earliest ? wanted : earliest;
  const logs = await updatesFrom(client, oracle, from, head, signal);
  const within = logs.filter(({ atMs }) => atMs >= sinceMs && atMs <= untilMs);
  const owner = await client.readContract({ address: oracle, abi: oracleOwnerAbi, functionName: "owner" });
  const newest = new Set(within.slice(-MAX_SENDERS));
  const items = await inGroups([...within], SENDERS_AT_ONCE, signal, async (update): Promise<LandedPrice> => {
    if (!newest.has(update)) return { ...update, by: undefined };
    const { from: sender, input } = await client.getTransaction({ hash: update.transactionHash });
    const by = botOf(input) ?? (isAddressEqual(sender, owner) ? "the owner" : sender);
    return { ...update, by };
  });
  const problem =
    from > wanted ? `only since block ${from}: the period holds more blocks than are searched` : undefined;
  return { sources: [{ name: SOURCE, problem }], items };
}

/** The first block that is not older, by halving; the one after the head when all are. */
async function firstBlockAt(
  client: PublicClient,
  head: bigint,
  sinceS: bigint,
  signal: AbortSignal,
): Promise<bigint> {
  let low = 0n;
  let high = head + 1n;
  while (low < high && !signal.aborted) {
    const middle = (low + high) / 2n;
    const { timestamp } = await client.getBlock({ blockNumber: middle });
    if (timestamp >= sinceS) high = middle;
    else low = middle + 1n;
  }
  return low;
}

async function updatesFrom(
  client: PublicClient,
  oracle: Address,
  from: bigint,
  head: bigint,
  signal: AbortSignal,
) {
  const pages: bigint[] = [];
  for (let page = from; page <= head; page += LOG_PAGE_BLOCKS) pages.push(page);
  const found = await inGroups(pages, PAGES_AT_ONCE, signal, async (fromBlock) => {
    const end = fromBlock + LOG_PAGE_BLOCKS - 1n;
    const toBlock = end < head ? end : head;
    return client.getLogs({ address: oracle, event: PRICES_UPDATED, fromBlock, toBlock, strict: true });
  });
  return found.flat().map(({ args, transactionHash }) => ({
    atMs: Number(args.timestamp) * 1_000,
    ethUsd8: args.ethPrice,
    elizaUsd8: args.elizaPrice,
    transactionHash,
  }));
}

/** In order, `size` at a time. */
async function inGroups<Item, Result>(
  items: readonly Item[],
  size: number,
  signal: AbortSignal,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += size) {
    signal.throwIfAborted();
    results.push(...(await Promise.all(items.slice(start, start + size).map(work))));
  }
  return results;
}

function firstLine(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
}
