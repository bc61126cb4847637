import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@jeju-oracle/kit";
import { encodeAbiParameters, type Hex, parseTransaction } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { PRICES_UPDATED_TOPIC } from "../../src/oracle/attribution.ts";
import type { Json } from "../../src/rpc/parse.ts";
import { RpcPool } from "../../src/rpc/rpc-pool.ts";
import { Journal } from "../../src/transaction/journal.ts";
import { Sender, type SendOutcome, type TransactionPlan } from "../../src/transaction/sender.ts";
import { type Answer, FakeRpc, failure, http, type ReceivedCall, results } from "../support/fake-rpc.ts";
import { GWEI, NOW_S } from "../support/fixtures.ts";
import { WatchedClock } from "../support/watched-clock.ts";

const BLOCK_MS = 1_000;
const DEADLINE_MS = 5_000;
const CHAIN_ID = 1337;
const NONCE = 7;
const ORACLE = "0x5fbdb2315678afecb367f032d93f642f64180aa3";

const account = privateKeyToAccount(generatePrivateKey());

const PLAN: TransactionPlan = {
  kind: "update",
  nonce: NONCE,
  to: ORACLE,
  data: "0x1234",
  gas: 60_000n,
  maxFeePerGasWei: 3n * GWEI,
  maxPriorityFeePerGasWei: GWEI,
  prices: { ethUsd8: 310_000_000_000n, elizaUsd8: 12_400_000n },
  reason: "heartbeat",
  queued: false,
  understoodAtBlock: 100n,
};

let clock: WatchedClock;
let stateDir: string;
let journal: Journal;
let servers: FakeRpc[];
let sender: Sender;
let pool: RpcPool;
/** The chain as every endpoint shows it. */
let latestNonce: number;
let pendingNonce: number;
let receipts: Map<string, Json>;
let logs: Json[];
/** What becomes of a sent transaction. */
let onSend: Answer;

beforeEach(() => {
  clock = new WatchedClock(Number(NOW_S) * 1000);
  stateDir = mkdtempSync(join(tmpdir(), "sender-"));
  journal = new Journal(stateDir, "bot-1", { chainId: CHAIN_ID, sender: account.address }, clock);
  latestNonce = NONCE;
  pendingNonce = NONCE + 1;
  receipts = new Map();
  logs = [];
  onSend = results(() => `0x${"00".repeat(32)}`);
  build(1);
});

afterEach(async () => {
  journal.close();
  rmSync(stateDir, { recursive: true, force: true });
  await Promise.all(servers.map((server) => server.stop()));
});

function build(endpoints: number): void {
  servers = Array.from({ length: endpoints }, () => new FakeRpc(chain));
  pool = new RpcPool({
    chain: "Jeju",
    urls: servers.map((server) => server.url()),
    chainId: CHAIN_ID,
    timeoutMs: 60_000,
    clock,
    logger: silentLogger,
    events: { request: () => undefined, failover: () => undefined },
  });
  sender = new Sender({
    rpc: pool,
    journal,
    chainId: CHAIN_ID,
    account,
    oracle: ORACLE,
    deadlineMs: DEADLINE_MS,
    clock,
    logger: silentLogger,
    blockTimeMs: () => BLOCK_MS,
  });
}

const noObjection = () => undefined;
const hex = (value: number | bigint) => `0x${value.toString(16)}`;

const chain: Answer = (calls, isBatch) => {
  if (calls[0]?.method === "eth_sendRawTransaction") return onSend(calls, isBatch);
  return results(({ method, params }) => {
    switch (method) {
      case "eth_getTransactionReceipt":
        return receipts.get(String(params[0])) ?? null;
      case "eth_getTransactionCount":
        return hex(params[1] === "pending" ? pendingNonce : latestNonce);
      case "eth_getBlockByNumber":
        return { number: "0x65", timestamp: hex(NOW_S), hash: `0x${"0".repeat(64)}`, baseFeePerGas: "0x1" };
      default:
        return logs;
    }
  })(calls, isBatch);
};

/** Raw transactions that reached each endpoint. */
function sent(server: FakeRpc): Hex[] {
  return server.requests
    .flat()
    .filter(({ method }: ReceivedCall) => method === "eth_sendRawTransaction")
    .map(({ params }) => params[0] as Hex);
}

/** Sends and lets blocks pass; `atBlock` may change the chain before each. */
async function send(
  plan: TransactionPlan,
  atBlock: (block: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<SendOutcome> {
  let outcome: SendOutcome | undefined;
  let waiting = clock.timerSet(BLOCK_MS);
  const finished = sender.send(plan, noObjection, signal).then((result) => {
    outcome = result;
  });
  await Promise.race([waiting, finished]);
  for (let block = 1; outcome === undefined && block <= 20; block++) {
    atBlock(block);
    waiting = clock.timerSet(BLOCK_MS);
    await clock.advance(BLOCK_MS);
    await Promise.race([waiting, finished]);
  }
  await finished;
  if (outcome === undefined) throw new Error("sending did not end");
  return outcome;
}

function ownHash(): Hex {
  const hash = journal.at(NONCE).at(-1)?.hash;
  if (hash === undefined) throw new Error("nothing is journalled");
  return hash;
}

/** A receipt of a transaction after which the oracle announced these prices. */
function receipt(status: 0 | 1, announced?: readonly [bigint, bigint, bigint]): Json {
  const types = [{ type: "uint256" }, { type: "uint256" }, { type: "uint256" }] as const;
  const announcement = announced && {
    address: ORACLE,
    topics: [PRICES_UPDATED_TOPIC],
    data: encodeAbiParameters(types, announced),
  };
  return { status: hex(status), blockNumber: "0x66", logs: announcement === undefined ? [] : [announcement] };
}

function mine(status: 0 | 1, hash = ownHash()): void {
  latestNonce = NONCE + 1;
  receipts.set(hash, receipt(status, status === 1 ? [310_000_000_000n, 12_400_000n, NOW_S] : undefined));
  if (status === 1) logs = [{ transactionHash: hash }];
}

describe("the last word", () => {
  test("is asked once, after signing; a no leaves no trace: nothing in the journal, nothing on the wire", async () => {
    const why = { reason: "paused", detail: "paused by ada" } as const;
    let asked = 0;
    const outcome = await sender.send(PLAN, () => {
      asked += 1;
      expect(journal.at(NONCE)).toEqual([]);
      return why;
    });
    expect(outcome).toEqual({ kind: "withheld", why });
    expect(asked).toBe(1);
    expect(journal.at(NONCE)).toEqual([]);
    expect(servers[0]!.requests).toEqual([]);
  });

  test("from the moment of a yes on the transaction is in the journal: nobody can see neither", async () => {
    let seen: number | undefined;
    const sending = sender.send(PLAN, () => {
      // Whatever runs next in this process.
      queueMicrotask(() => {
        seen = journal.at(NONCE).length;
      });
      return undefined;
    });
    const waiting = clock.timerSet(BLOCK_MS);
    await Promise.race([waiting, sending]);
    expect(seen).toBe(1);
    mine(1);
    await clock.advance(BLOCK_MS);
    expect((await sending).kind).toBe("landed");
  });
});

describe("a transaction that lands", () => {
  test("is signed as planned, with exactly that nonce", async () => {
    await send(PLAN, () => mine(1));
    expect(parseTransaction(sent(servers[0]!)[0]!)).toMatchObject({
      chainId: CHAIN_ID,
      nonce: NONCE,
      to: ORACLE,
      data: "0x1234",
      gas: 60_000n,
      maxFeePerGas: 3n * GWEI,
      maxPriorityFeePerGas: GWEI,
    });
  });

  test("is reported with block and the price the oracle announced", async () => {
    expect(await send(PLAN, (block) => block === 2 && mine(1))).toEqual({
      kind: "landed",
      hash: ownHash(),
      blockNumber: 0x66n,
      price: { ethUsd8: 310_000_000_000n, elizaUsd8: 12_400_000n, lastUpdateS: NOW_S },
      alone: true,
    });
  });

  test("is not alone when the oracle announced anything else since", async () => {
    const outcome = await send(PLAN, () => {
      mine(1);
      logs = [{ transactionHash: `0x${"ab".repeat(32)}` }, ...logs];
    });
    expect(outcome).toMatchObject({ kind: "landed", alone: false });
  });

  test("counts when it is an earlier one of ours at the same nonce", async () => {
    const earlier: Hex = `0x${"cd".repeat(32)}`;
    journal.record({
      ...PLAN,
      ethUsd8: 1n,
      elizaUsd8: 1n,
      hash: earlier,
      raw: "0x02",
      maxFeePerGasWei: 1n,
    });
    expect(await send(PLAN, () => mine(1, earlier))).toMatchObject({ kind: "landed", hash: earlier });
  });

  test("without effect is reverted", async () => {
    expect(await send(PLAN, () => mine(0))).toEqual({ kind: "reverted", hash: ownHash() });
  });

  test("G2: is in the journal before any node hears of it", async () => {
    const seen: number[] = [];
    onSend = (calls, isBatch) => {
      seen.push(journal.at(NONCE).length);
      return results(() => "0x00")(calls, isBatch);
    };
    await send(PLAN, () => mine(1));
    expect(seen).toEqual([1]);
  });

  test("is sent once while a mempool holds it", async () => {
    await send(PLAN, (block) => block === 4 && mine(1));
    expect(sent(servers[0]!).length).toBe(1);
  });

  test("is sent again, byte for byte, when no mempool holds it any more", async () => {
    await send(PLAN, (block) => {
      pendingNonce = block === 2 ? NONCE : NONCE + 1;
      if (block === 4) mine(1);
    });
    const raw = sent(servers[0]!);
    expect(raw.length).toBe(2);
    expect(new Set(raw).size).toBe(1);
  });
});

describe("G4: a process that stood still past the deadline", () => {
  test("does not send what it decided before, and forgets it", async () => {
    const waking = new Sender({
      rpc: pool,
      journal,
      chainId: CHAIN_ID,
      account,
      oracle: ORACLE,
      deadlineMs: DEADLINE_MS,
      clock,
      logger: silentLogger,
      blockTimeMs: () => BLOCK_MS,
      beforeBroadcast: () => clock.advance(3_600_000),
    });
    expect(await waking.send(PLAN, noObjection)).toEqual({ kind: "lost-race" });
    expect(sent(servers[0]!)).toEqual([]);
    expect(journal.open(NONCE)).toEqual([]);
  });

  test("does not send it again when the mempool has lost it meanwhile", async () => {
    pendingNonce = NONCE;
    const waiting = clock.timerSet(BLOCK_MS);
    const outcome = sender.send(PLAN, noObjection);
    await waiting;
    await clock.advance(DEADLINE_MS);
    expect((await outcome).kind).toBe("unresolved");
    expect(sent(servers[0]!).length).toBe(1);
  });
});

describe("a race that is lost", () => {
  test("needs two looks at a used nonce without a receipt of ours: nodes lag", async () => {
    let blocks = 0;
    const outcome = await send(PLAN, (block) => {
      blocks = block;
      latestNonce = NONCE + 1;
    });
    expect(outcome).toEqual({ kind: "lost-race" });
    expect(blocks).toBe(2);
  });

  test("is not lost when the receipt comes one look later", async () => {
    const outcome = await send(PLAN, (block) => {
      latestNonce = NONCE + 1;
      if (block === 2) mine(1);
    });
    expect(outcome.kind).toBe("landed");
  });

  test("stays in the journal: a reorganisation may revive ours", async () => {
    await send(PLAN, () => {
      latestNonce = NONCE + 1;
    });
    expect(journal.open(NONCE).length).toBe(1);
  });
});

describe("what a node refuses outright", () => {
  const rows: readonly (readonly [message: string, outcome: object])[] = [
    ["nonce too low", { kind: "lost-race" }],
    ["replacement transaction underpriced", { kind: "underpriced" }],
    ["nonce too high", { kind: "failed", error: { code: "nonce-too-high", retryable: true } }],
    ["transaction underpriced", { kind: "failed", error: { code: "fee-below-minimum", retryable: true } }],
    [
      "insufficient funds for gas * price + value",
      { kind: "failed", error: { code: "wallet-empty", retryable: false } },
    ],
    ["execution reverted", { kind: "failed", error: { code: "reverted" } }],
  ];
  for (const [message, expected] of rows) {
    test(`"${message}": ends at once and is forgotten, because it is in no mempool`, async () => {
      onSend = failure(-32000, message);
      expect(await send(PLAN)).toMatchObject(expected);
      expect(journal.open(NONCE)).toEqual([]);
      expect(clock.monotonicMs()).toBe(0);
    });
  }

  test("what it knows already is on its way", async () => {
    onSend = failure(-32000, "already known");
    expect((await send(PLAN, () => mine(1))).kind).toBe("landed");
  });
});

describe("G2: an unknown outcome is never taken for a failure", () => {
  test("after an endpoint that broke off, another's refusal proves nothing", async () => {
    await Promise.all(servers.map((server) => server.stop()));
    build(2);
    let sends = 0;
    onSend = (calls, isBatch) => {
      sends += 1;
      return (sends === 1 ? http(502) : failure(-32000, "nonce too low"))(calls, isBatch);
    };
    const outcome = await send(PLAN, () => mine(1));
    expect(sends).toBe(2);
    expect(outcome.kind).toBe("landed");
  });

  test("when every endpoint breaks off, the nonce is watched and the journal keeps it", async () => {
    onSend = http(502);
    const outcome = await send(PLAN);
    expect(outcome).toEqual({ kind: "unresolved", hash: ownHash() });
    expect(clock.monotonicMs()).toBe(DEADLINE_MS);
    expect(journal.open(NONCE).length).toBe(1);
  });

  test("a chain out of reach while waiting does not end the waiting", async () => {
    const outcome = await send(PLAN, (block) => {
      servers[0]!.answer = block < 3 ? http(502) : chain;
      if (block === 3) mine(1);
    });
    expect(outcome.kind).toBe("landed");
  });

  test("what stays unmined is unresolved at the deadline, not before, and is kept", async () => {
    expect(await send(PLAN)).toEqual({ kind: "unresolved", hash: ownHash() });
    expect(clock.monotonicMs()).toBe(DEADLINE_MS);
    expect(journal.open(NONCE).length).toBe(1);
  });

  test("stopping ends the waiting and leaves it in the journal", async () => {
    const controller = new AbortController();
    const sending = send(PLAN, () => controller.abort(new Error("stopping")), controller.signal);
    await expect(sending).rejects.toThrow("stopping");
    expect(journal.open(NONCE).length).toBe(1);
  });

  test("error: what cannot be journalled is not sent", async () => {
    journal.close();
    await expect(sender.send(PLAN, noObjection)).rejects.toMatchObject({ code: "journal-unusable" });
    expect(servers[0]!.requests).toEqual([]);
    journal = new Journal(stateDir, "bot-1", { chainId: CHAIN_ID, sender: account.address }, clock);
  });
});

describe("a nonce behind a gap", () => {
  const queued: TransactionPlan = { ...PLAN, nonce: NONCE + 1, queued: true };

  test("is not waited for once a node holds it", async () => {
    expect(await send(queued)).toMatchObject({ kind: "queued" });
    expect(clock.monotonicMs()).toBe(0);
    expect(journal.open(NONCE + 1).length).toBe(1);
  });

  test("whose sending has an unknown outcome stays to be resolved", async () => {
    onSend = http(502);
    expect(await send(queued)).toMatchObject({ kind: "unresolved" });
    expect(journal.open(NONCE + 1).length).toBe(1);
  });
});
