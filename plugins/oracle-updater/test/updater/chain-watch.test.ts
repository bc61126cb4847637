import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { type Address, concat, encodeAbiParameters, type Hex } from "viem";
import { createNonceFence } from "../../src/fence/nonce-fence.ts";
import { botTag, encodeTag } from "../../src/fence/tag.ts";
import type { OracleState } from "../../src/oracle/oracle-state.ts";
import type { Json } from "../../src/rpc/parse.ts";
import { RpcPool } from "../../src/rpc/rpc-pool.ts";
import { Journal } from "../../src/transaction/journal.ts";
import { ChainWatch } from "../../src/updater/chain-watch.ts";
import { FakeRpc, http, results } from "../support/fake-rpc.ts";
import { GWEI, NOW_S, ORACLE_STATE } from "../support/fixtures.ts";
import { entryAt, SCOPE } from "../support/journal-entries.ts";

const ORACLE: Address = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const FLEET: Address = "0x00000000000000000000000000000000000000aa";
const OWNER: Address = "0x00000000000000000000000000000000000000bb";
const DEADLINE_MS = 20_000;

const fence = createNonceFence(ORACLE, FLEET);

interface Update {
  readonly from: Address;
  /** Undefined: its update carries no tag. */
  readonly botId: string | undefined;
  readonly block: bigint;
  readonly ethUsd8: bigint;
}

let clock: SimulatedClock;
let stateDir: string;
let journal: Journal;
let server: FakeRpc;
let watch: ChainWatch;
/** What the chain's logs tell, oldest first. */
let updates: Update[];
/** How far the node has got when it is asked for logs. */
let nodeHeight: bigint;

beforeEach(() => {
  clock = new SimulatedClock(Number(NOW_S) * 1000);
  stateDir = mkdtempSync(join(tmpdir(), "watch-"));
  journal = new Journal(stateDir, "bot-1", SCOPE, clock);
  updates = [];
  nodeHeight = 1_000n;
  server = new FakeRpc(
    results(({ method, params }) => {
      if (method === "eth_getLogs") return updates.map(toLog);
      if (method === "eth_blockNumber") return `0x${nodeHeight.toString(16)}`;
      const update = updates[Number(BigInt(String(params[0])))];
      return update === undefined ? null : toTransaction(update);
    }),
  );
  const rpc = new RpcPool({
    chain: "Jeju",
    urls: [server.url()],
    chainId: SCOPE.chainId,
    timeoutMs: 60_000,
    clock,
    logger: silentLogger,
    events: { request: () => undefined, failover: () => undefined },
  });
  watch = new ChainWatch({
    rpc,
    fence,
    ownTag: botTag("bot-1"),
    oracle: ORACLE,
    journal,
    clock,
    transactionDeadlineMs: DEADLINE_MS,
  });
});

afterEach(async () => {
  journal.close();
  rmSync(stateDir, { recursive: true, force: true });
  await server.stop();
});

/** The hash of an update is its place in the list. */
const hashAt = (index: number): Hex => `0x${index.toString(16).padStart(64, "0")}`;

/** The state right after an update, read at its block. */
function after(update: Update): OracleState {
  return {
    ...ORACLE_STATE,
    ethUsd8: update.ethUsd8,
    lastUpdateS: NOW_S + update.block,
    blockNumber: update.block,
    blockTimestampS: NOW_S + update.block,
  };
}

function toLog(update: Update, index: number): Json {
  const { ethUsd8, elizaUsd8, lastUpdateS } = after(update);
  const types = [{ type: "uint256" }, { type: "uint256" }, { type: "uint256" }] as const;
  return {
    data: encodeAbiParameters(types, [ethUsd8, elizaUsd8, lastUpdateS]),
    transactionHash: hashAt(index),
    blockNumber: `0x${update.block.toString(16)}`,
  };
}

function toTransaction({ from, botId, ethUsd8 }: Update): Json {
  const call = fence.encodeUpdate({ ethUsd8, elizaUsd8: ORACLE_STATE.elizaUsd8 }, ORACLE_STATE, 0n);
  const input = botId === undefined ? call : concat([call, encodeTag({ botId, term: 1, salt: 1 })]);
  return { from, to: ORACLE, input };
}

function landed(
  from: Address,
  botId: string | undefined,
  block: bigint,
  ethUsd8 = 300_000_000_000n + block,
): OracleState {
  const update = { from, botId, block, ethUsd8 };
  updates.push(update);
  return after(update);
}

describe("who wrote the price", () => {
  test("the first state is accepted as it is, without a request", async () => {
    expect(await watch.identifyAuthor(landed(OWNER, undefined, 510n))).toEqual({ kind: "unchanged" });
    expect(server.requests).toEqual([]);
  });

  test("G3: a chain that stays below the known block was rolled back: undetermined for a minute, then unknown", async () => {
    await watch.identifyAuthor({ ...ORACLE_STATE, blockNumber: 1_000_000n });
    const changed = landed(FLEET, "bot-2", 510n);
    expect(await watch.identifyAuthor(changed)).toEqual({ kind: "undetermined" });
    await clock.advance(60_000);
    expect(await watch.identifyAuthor(changed)).toEqual({ kind: "unknown" });
    expect(await watch.identifyAuthor(changed)).toEqual({ kind: "unchanged" });
  });

  test("G3: a long gap is asked in ranges that providers accept, in one request", async () => {
    await watch.identifyAuthor({ ...ORACLE_STATE, blockNumber: 500n });
    nodeHeight = 9_000n;
    const state = landed(FLEET, "bot-2", 9_000n);
    await watch.identifyAuthor(state);
    const ranges = (server.requests[0] ?? [])
      .filter(({ method }) => method === "eth_getLogs")
      .map(({ params }) => params[0] as { fromBlock: string; toBlock: string });
    for (const { fromBlock, toBlock } of ranges)
      expect(BigInt(toBlock) - BigInt(fromBlock)).toBeLessThan(500n);
    expect([BigInt(ranges[0]?.fromBlock ?? 0), BigInt(ranges.at(-1)?.toBlock ?? 0)]).toEqual([
      4_000n,
      9_000n,
    ]);
  });

  test("nothing is asked while nothing changes", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    expect(await watch.identifyAuthor({ ...ORACLE_STATE, blockNumber: 600n })).toEqual({ kind: "unchanged" });
    expect(server.requests).toEqual([]);
  });

  test("another agent's update is the fleet's, by key and tag, and the tag names the agent", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    expect(watch.lastPeerTag).toBeUndefined();
    expect(await watch.identifyAuthor(landed(FLEET, "bot-2", 510n))).toEqual({
      kind: "fleet",
      botTags: [botTag("bot-2")],
    });
    expect(watch.lastPeerTag).toBe(botTag("bot-2"));
  });

  test("of several updates since, the newest by another agent names the peer; own ones and foreign ones do not", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    landed(FLEET, "bot-2", 510n);
    landed(FLEET, "bot-3", 511n);
    expect(await watch.identifyAuthor(landed(FLEET, "bot-1", 512n))).toEqual({
      kind: "fleet",
      botTags: ["bot-2", "bot-3", "bot-1"].map(botTag),
    });
    expect(watch.lastPeerTag).toBe(botTag("bot-3"));
    await watch.identifyAuthor(landed(FLEET, "bot-1", 520n));
    await watch.identifyAuthor(landed(OWNER, undefined, 530n));
    expect(watch.lastPeerTag).toBe(botTag("bot-3"));
  });

  test("G2: the owner's update is foreign, and named", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    expect(await watch.identifyAuthor(landed(OWNER, undefined, 510n))).toEqual({
      kind: "foreign",
      from: OWNER,
      transactionHash: hashAt(0),
    });
  });

  test("G2: the fleet's key without the tag is foreign: somebody used it by hand", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    expect(await watch.identifyAuthor(landed(FLEET, undefined, 510n))).toMatchObject({ kind: "foreign" });
  });

  test("G2: a foreign update is not hidden by one of the fleet after it", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    landed(OWNER, undefined, 510n);
    expect(await watch.identifyAuthor(landed(FLEET, "bot-2", 511n))).toMatchObject({
      kind: "foreign",
      from: OWNER,
    });
  });

  test("an update that was accepted is not asked about", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    const own = landed(FLEET, "bot-2", 510n);
    watch.accept(own, own.blockNumber, own.lastUpdateS);
    expect(await watch.identifyAuthor(own)).toEqual({ kind: "unchanged" });
    expect(server.requests).toEqual([]);
  });

  test("once judged, an update is understood", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    const foreign = landed(OWNER, undefined, 510n);
    await watch.identifyAuthor(foreign);
    expect(await watch.identifyAuthor({ ...foreign, blockNumber: 511n })).toEqual({ kind: "unchanged" });
  });

  test("a log that nodes have not indexed yet is no foreign update, one that never comes is unknown", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    const state = landed(FLEET, "bot-2", 510n);
    updates = [];
    expect(await watch.identifyAuthor(state)).toEqual({ kind: "undetermined" });
    expect(await watch.identifyAuthor(state)).toEqual({ kind: "undetermined" });
    expect(await watch.identifyAuthor(state)).toEqual({ kind: "unknown" });
  });

  test("a lagging node's older price decides nothing", async () => {
    await watch.identifyAuthor({ ...ORACLE_STATE, blockNumber: 600n });
    expect(await watch.identifyAuthor(landed(FLEET, "bot-2", 510n))).toEqual({ kind: "undetermined" });
  });

  test("a node that has not got that far is not believed when it knows of no update", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    const state = landed(FLEET, "bot-2", 510n);
    updates = [];
    nodeHeight = 509n;
    await expect(watch.identifyAuthor(state)).rejects.toMatchObject({ code: "chain-unreachable" });
  });

  test("a price that a reorganisation brought back was understood before", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    await watch.identifyAuthor(landed(FLEET, "bot-2", 510n));
    updates = [];
    expect(await watch.identifyAuthor({ ...ORACLE_STATE, blockNumber: 511n })).toEqual({ kind: "unchanged" });
  });

  test("error: an endpoint that cannot tell is no answer", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    const state = landed(OWNER, undefined, 510n);
    server.answer = http(500);
    await expect(watch.identifyAuthor(state)).rejects.toMatchObject({ code: "chain-unreachable" });
  });
});

describe("what is in flight", () => {
  test("another's pending transaction is timed from when it was first seen at this nonce", async () => {
    const pending = { latestNonce: 7, pendingNonce: 8 };
    expect(watch.judge(pending)).toMatchObject({ kind: "wait", whose: "other", ageMs: 0 });
    await clock.advance(DEADLINE_MS);
    expect(watch.judge(pending)).toMatchObject({
      kind: "resolve",
      whose: "other",
      nonce: 7,
      floor: undefined,
    });
  });

  test("the time starts anew at the next nonce, and after the mempool was empty", async () => {
    watch.judge({ latestNonce: 7, pendingNonce: 8 });
    await clock.advance(DEADLINE_MS);
    expect(watch.judge({ latestNonce: 8, pendingNonce: 9 })).toMatchObject({
      kind: "wait",
      nonce: 8,
      ageMs: 0,
    });
    await clock.advance(DEADLINE_MS);
    expect(watch.judge({ latestNonce: 8, pendingNonce: 8 })).toEqual({ kind: "clear" });
    expect(watch.judge({ latestNonce: 8, pendingNonce: 9 })).toMatchObject({ kind: "wait", ageMs: 0 });
  });

  test("what an underpriced replacement paid is the floor of the next one", async () => {
    const pending = { latestNonce: 7, pendingNonce: 8 };
    const fees = { maxFeePerGasWei: 5n * GWEI, maxPriorityFeePerGasWei: GWEI };
    watch.judge(pending);
    await clock.advance(DEADLINE_MS);
    watch.noteUnderpriced(7, fees);
    expect(watch.judge(pending)).toMatchObject({ kind: "resolve", floor: fees });
    watch.judge({ latestNonce: 8, pendingNonce: 9 });
    await clock.advance(DEADLINE_MS);
    expect(watch.judge({ latestNonce: 8, pendingNonce: 9 })).toMatchObject({
      kind: "resolve",
      floor: undefined,
    });
  });

  test("the floor is above both a rival's and our own journalled transaction", async () => {
    journal.record(entryAt(7));
    await clock.advance(DEADLINE_MS);
    const pending = { latestNonce: 7, pendingNonce: 8 };
    expect(watch.judge(pending)).toMatchObject({ floor: { maxFeePerGasWei: 3n * GWEI } });
    watch.noteUnderpriced(7, { maxFeePerGasWei: 5n * GWEI, maxPriorityFeePerGasWei: 1n });
    expect(watch.judge(pending)).toMatchObject({
      floor: { maxFeePerGasWei: 5n * GWEI, maxPriorityFeePerGasWei: GWEI },
    });
  });

  test("the time since the chain was last understood is known", async () => {
    await watch.identifyAuthor(ORACLE_STATE);
    await clock.advance(1_234);
    expect(watch.msSinceUnderstood).toBe(1_234);
  });
});
