/** Every fault against a real node: what a client sees, what the node received, and that healing heals. */
import { describe, expect, test } from "bun:test";
import { startRpcProxy } from "../src/faults/index.ts";
import { rpcBatch } from "../src/json-rpc.ts";
import { endpoint, SHORT_MS, signedTransfer, useProxy } from "./faults-support.ts";
import { eventually } from "./support/processes.ts";

const net = useProxy();

const CHAIN_ID_CALL = { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] };
const GAVE_UP = { name: "TimeoutError" };
const BLOCK_NUMBER_CALL = { jsonrpc: "2.0", id: 2, method: "eth_blockNumber", params: [] };

async function heals(): Promise<void> {
  await net.setFault(null);
  expect(await net.viaProxy.call("eth_chainId")).toBe("0x539");
}

async function nodeHas(hash: string): Promise<void> {
  const known = async () => (await net.direct.call("eth_getTransactionByHash", hash)) !== null;
  await eventually(`transaction ${hash} at the node`, known);
}

describe("without a fault", () => {
  test("answers are the node's own, for a call, a batch, an error and nonsense", async () => {
    for (const body of [
      CHAIN_ID_CALL,
      [CHAIN_ID_CALL, BLOCK_NUMBER_CALL],
      { jsonrpc: "2.0", id: "x", method: "eth_noSuchMethod" },
      "{ nonsense",
      [],
    ]) {
      expect((await net.viaProxy.post(body)).text).toBe((await net.direct.post(body)).text);
    }
  });

  test("a batch is one request with many calls, and counts can be reset", async () => {
    await rpcBatch(net.proxy.url, [
      { method: "eth_blockNumber" },
      { method: "eth_blockNumber" },
      { method: "eth_gasPrice" },
    ]);
    expect(net.proxy.requests).toBe(1);
    expect(Object.fromEntries(net.proxy.calls)).toEqual({ eth_blockNumber: 2, eth_gasPrice: 1 });
    expect(net.proxy.log).toMatchObject([
      { via: "http", methods: ["eth_blockNumber", "eth_blockNumber", "eth_gasPrice"], outcome: "answered" },
    ]);
    net.proxy.resetCounts();
    expect([net.proxy.requests, net.proxy.calls.size, net.proxy.log.length]).toEqual([0, 0, 0]);
  });

  test("a node that is gone is a 502, not a hang", async () => {
    const orphan = await startRpcProxy({ target: "http://127.0.0.1:1" });
    const { status } = await endpoint(() => orphan.url).post(CHAIN_ID_CALL);
    await orphan.stop();
    expect(status).toBe(502);
  });

  test("unusable parameters are refused by name and leave the fault as it was", async () => {
    await net.setFault({ kind: "html" });
    await expect(net.setFault({ kind: "slow", delayMs: 0.5 })).rejects.toThrow("delayMs is 0.5");
    await expect(net.setFault({ kind: "syncing", behindS: -1 })).rejects.toThrow("behindS is -1");
    expect(net.proxy.fault).toEqual({ kind: "html" });
    await expect(startRpcProxy({ target: "ftp://x" })).rejects.toMatchObject({ code: "localnet-input" });
    const single = await startRpcProxy({ target: net.chain.rpcUrl });
    await expect(single.setFault({ kind: "wrong-chain" })).rejects.toMatchObject({ code: "localnet-input" });
    await single.stop();
  });
});

describe("connections", () => {
  test("refuse: connections are refused, the port is the same after healing, many times over", async () => {
    const { url } = net.proxy;
    for (let round = 0; round < 5; round++) {
      await net.setFault({ kind: "refuse" });
      await expect(net.viaProxy.post(CHAIN_ID_CALL)).rejects.toMatchObject({ code: "ECONNREFUSED" });
      await heals();
    }
    expect(net.proxy.url).toBe(url);
  });

  test("refuse: a request under way is cut", async () => {
    await net.setFault({ kind: "hang" });
    const held = net.viaProxy.post(CHAIN_ID_CALL).catch((error: unknown) => error);
    await net.proxy.nextCall("eth_chainId");
    await net.setFault({ kind: "refuse" });
    expect(await held).toBeInstanceOf(Error);
  });

  test("hang: nothing is answered; who still waits is answered when it heals", async () => {
    await net.setFault({ kind: "hang" });
    await expect(net.viaProxy.post(CHAIN_ID_CALL, SHORT_MS)).rejects.toMatchObject(GAVE_UP);
    const patient = net.viaProxy.call("eth_chainId");
    await net.proxy.nextCall("eth_chainId");
    expect(net.proxy.log.at(-1)).toMatchObject({ fault: "hang", outcome: "unanswered" });
    await heals();
    expect(await patient).toBe("0x539");
  });

  test("hang: a transaction whose sender gave up is not sent when it heals", async () => {
    const nonce = await net.direct.count("latest");
    await net.setFault({ kind: "hang" });
    const { raw, hash } = await signedTransfer(nonce);
    const send = { ...CHAIN_ID_CALL, method: "eth_sendRawTransaction", params: [raw] };
    await expect(net.viaProxy.post(send, SHORT_MS)).rejects.toMatchObject(GAVE_UP);
    await eventually("the proxy saw it", async () => net.proxy.log.at(-1)?.outcome === "abandoned");
    await heals();
    expect(await net.direct.call("eth_getTransactionByHash", hash)).toBeNull();
  });

  test("stop ends requests that hang", async () => {
    await net.setFault({ kind: "hang" });
    const held = net.viaProxy.post(CHAIN_ID_CALL).catch((error: unknown) => error);
    await net.proxy.nextCall("eth_chainId");
    await net.proxy.stop();
    await net.proxy.stop();
    expect(await held).toBeInstanceOf(Error);
    await expect(net.setFault(null)).rejects.toMatchObject({ code: "local-rpc-failed" });
  });

  test("slow: answers take the delay longer, and are as old as the request", async () => {
    await net.setFault({ kind: "slow", delayMs: 2 * SHORT_MS });
    const before = await net.direct.call("eth_blockNumber");
    const startedMs = performance.now();
    const answer = net.viaProxy.call("eth_blockNumber");
    await net.proxy.nextCall("eth_blockNumber");
    await Bun.sleep(SHORT_MS); // The request is with the node by now, its answer on the way.
    await net.chain.mine();
    expect(await answer).toBe(before);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(2 * SHORT_MS - 5);
    await heals();
  });

  test("slow: a delayed request takes effect although its sender gave up", async () => {
    const nonce = await net.direct.count("latest");
    await net.setFault({ kind: "slow", delayMs: SHORT_MS, delay: "request" });
    const { raw, hash } = await signedTransfer(nonce);
    const send = { ...CHAIN_ID_CALL, method: "eth_sendRawTransaction", params: [raw] };
    await expect(net.viaProxy.post(send, SHORT_MS / 5)).rejects.toMatchObject(GAVE_UP);
    await nodeHas(hash);
    await net.chain.mine();
  });
});

describe("answers that are none", () => {
  test("http-500: an HTTP error of the chosen status", async () => {
    await net.setFault({ kind: "http-500" });
    expect(await net.viaProxy.post(CHAIN_ID_CALL)).toMatchObject({ status: 500 });
    await net.setFault({ kind: "http-500", status: 503 });
    expect(await net.viaProxy.post(CHAIN_ID_CALL)).toMatchObject({ status: 503 });
    await heals();
  });

  test("rate-limit: 429 with retry-after", async () => {
    await net.setFault({ kind: "rate-limit", retryAfterS: 7 });
    const { status, headers } = await net.viaProxy.post(CHAIN_ID_CALL);
    expect([status, headers.get("retry-after")]).toEqual([429, "7"]);
    await heals();
  });

  test("html: 200 and a web page", async () => {
    await net.setFault({ kind: "html" });
    const { status, text, headers } = await net.viaProxy.post(CHAIN_ID_CALL);
    expect([status, headers.get("content-type")]).toEqual([200, "text/html"]);
    expect(text).toStartWith("<!DOCTYPE html>");
    await heals();
  });

  test("truncated-json: the beginning of the node's answer", async () => {
    await net.setFault({ kind: "truncated-json" });
    const { status, text } = await net.viaProxy.post(CHAIN_ID_CALL);
    const whole = (await net.direct.post(CHAIN_ID_CALL)).text;
    expect(status).toBe(200);
    expect(whole).toStartWith(text);
    expect(() => JSON.parse(text)).toThrow();
    await heals();
  });

  test("wrong-types: results of the chosen type; errors stay errors", async () => {
    const number = [12_345, { value: "0x1" }, "not hexadecimal", null];
    for (const [index, result] of (["number", "object", "text", "null"] as const).entries()) {
      await net.setFault({ kind: "wrong-types", result });
      expect(await net.viaProxy.call("eth_blockNumber")).toEqual(number[index]);
    }
    await expect(net.viaProxy.call("eth_noSuchMethod")).rejects.toThrow("-32601");
    await heals();
  });

  test("rpc-error: a JSON-RPC error with HTTP 200, for all calls of a batch or only the chosen methods", async () => {
    await net.setFault({ kind: "rpc-error" });
    const refused = await net.viaProxy.post([CHAIN_ID_CALL, BLOCK_NUMBER_CALL]);
    expect(refused.status).toBe(200);
    expect(JSON.parse(refused.text)).toMatchObject([
      { id: 1, error: { code: -32603 } },
      { id: 2, error: { code: -32603 } },
    ]);
    await net.setFault({ kind: "rpc-error", code: -32005, message: "limit", methods: ["eth_chainId"] });
    expect(JSON.parse((await net.viaProxy.post([CHAIN_ID_CALL, BLOCK_NUMBER_CALL])).text)).toMatchObject([
      { id: 1, error: { code: -32005, message: "limit" } },
      { id: 2, result: await net.direct.call("eth_blockNumber") },
    ]);
    await heals();
  });

  test("reverted-multicall: eth_call reverts, the rest of the batch works", async () => {
    await net.setFault({ kind: "reverted-multicall" });
    const call = { jsonrpc: "2.0", id: 5, method: "eth_call", params: [{ data: "0x" }, "latest"] };
    expect(
      JSON.parse((await net.viaProxy.post([CHAIN_ID_CALL, call, BLOCK_NUMBER_CALL])).text),
    ).toMatchObject([
      { id: 1, result: "0x539" },
      { id: 5, error: { code: 3, message: "execution reverted" } },
      { id: 2, result: await net.direct.call("eth_blockNumber") },
    ]);
    await expect(net.viaProxy.snapshot()).rejects.toThrow("execution reverted");
    await heals();
  });

  test("wrong-chain: another chain's id, by eth_chainId and inside eth_call", async () => {
    await net.setFault({ kind: "wrong-chain" });
    expect(await net.viaProxy.call("eth_chainId")).toBe("0x2105");
    expect(await net.viaProxy.snapshot("latest")).toMatchObject({ chainId: 8453n, number: 0n });
    await heals();
  });
});

describe("answers from the past", () => {
  test("frozen-head: the chain goes on, and nothing the endpoint says shows it", async () => {
    const frozen = await net.direct.snapshot();
    const countBefore = await net.direct.count("latest");
    const gasPrice = await net.direct.call("eth_gasPrice");
    const frozenBlock = await net.direct.call("eth_getBlockByNumber", "latest", false);
    await net.setFault({ kind: "frozen-head" });
    const atHead = await Promise.all([
      net.viaProxy.snapshot("latest"),
      net.viaProxy.call("eth_gasPrice"),
      net.viaProxy.call("eth_getBlockByNumber", "latest", false),
    ]);
    expect(atHead).toEqual([frozen, gasPrice, frozenBlock]);

    await net.mineTransfer();
    await net.chain.mine(3);
    expect((await net.direct.snapshot()).number).toBe(frozen.number + 4n);
    for (const block of [undefined, "latest", "pending"]) {
      expect(await net.viaProxy.snapshot(block)).toEqual(frozen);
    }
    for (const block of ["latest", "pending"]) expect(await net.viaProxy.count(block)).toBe(countBefore);
    expect(await net.viaProxy.call("eth_blockNumber")).toBe(`0x${frozen.number.toString(16)}`);
    expect(await net.viaProxy.call("eth_getBlockByNumber", "latest", false)).toEqual(frozenBlock);
    expect(await net.viaProxy.call("eth_gasPrice")).toBe(gasPrice);
    expect(await net.viaProxy.call("eth_syncing")).toBe(false);
    await net.setFault(null);
    expect((await net.viaProxy.snapshot()).number).toBe(frozen.number + 4n);
  });

  test("frozen-head: newer blocks, by number or hash, are unknown; older ones are not", async () => {
    const known = (await net.direct.call("eth_getBlockByNumber", "latest", false)) as { hash: string };
    const { number } = await net.direct.snapshot();
    await net.setFault({ kind: "frozen-head" });
    await net.chain.mine();
    const newer = (await net.direct.call("eth_getBlockByNumber", "latest", false)) as { hash: string };
    const newerNumber = `0x${(number + 1n).toString(16)}`;

    expect(await net.viaProxy.call("eth_getBlockByNumber", newerNumber, false)).toBeNull();
    expect(await net.viaProxy.call("eth_getBlockByHash", newer.hash, false)).toBeNull();
    expect(await net.viaProxy.call("eth_getBlockByHash", known.hash, false)).toEqual(known);
    for (const block of [newerNumber, { blockHash: newer.hash }, { blockNumber: newerNumber }]) {
      await expect(net.viaProxy.snapshot(block)).rejects.toThrow("-32000: header not found");
      await expect(net.viaProxy.count(block)).rejects.toThrow("-32000: header not found");
    }
    const unknown = { blockHash: `0x${"11".repeat(32)}` };
    await expect(net.viaProxy.snapshot(unknown)).rejects.toThrow("-32000: header not found");
    expect((await net.viaProxy.snapshot({ blockHash: known.hash })).number).toBe(number);
    expect((await net.viaProxy.snapshot(`0x${(number - 1n).toString(16)}`)).number).toBe(number - 1n);
    expect(await net.viaProxy.count({ blockHash: known.hash })).toBe(await net.direct.count("latest"));
  });

  test("frozen-head: the tags of settled blocks stay within what is known", async () => {
    const { number } = await net.direct.snapshot();
    await net.setFault({ kind: "frozen-head" });
    await net.chain.mine(2);
    expect((await net.viaProxy.snapshot("earliest")).number).toBe(0n);
    for (const tag of ["safe", "finalized"]) {
      const { number: settled } = await net.direct.snapshot(tag);
      expect((await net.viaProxy.snapshot(tag)).number).toBe(settled < number ? settled : number);
    }
    const fees = { oldestBlock: `0x${(number - 1n).toString(16)}` };
    expect(await net.viaProxy.call("eth_feeHistory", "0x2", "latest", [])).toMatchObject(fees);
  });

  test("frozen-head: transactions mined later are unknown, and logs end at the frozen block", async () => {
    const earlier = await net.mineTransfer();
    const { number } = await net.direct.snapshot();
    await net.setFault({ kind: "frozen-head" });
    const later = await net.mineTransfer();
    for (const method of ["eth_getTransactionReceipt", "eth_getTransactionByHash"]) {
      expect(await net.viaProxy.call(method, later)).toBeNull();
      expect(await net.viaProxy.call(method, earlier)).toEqual(await net.direct.call(method, earlier));
    }
    const toBlock = `0x${(number + 1n).toString(16)}`;
    expect(await net.viaProxy.call("eth_getLogs", { fromBlock: "0x1", toBlock })).toEqual([]);
    expect(await net.viaProxy.call("eth_getLogs", { fromBlock: toBlock })).toEqual([]);
  });

  test("frozen-head: a method that could leak the present is refused", async () => {
    await net.setFault({ kind: "frozen-head" });
    await expect(net.viaProxy.call("eth_newBlockFilter")).rejects.toThrow("-32601");
  });

  test("frozen-head: a transaction is forwarded, or only seems to be", async () => {
    const nonce = await net.direct.count("latest");
    const { raw, hash } = await signedTransfer(nonce);
    await net.setFault({ kind: "frozen-head", sends: "drop" });
    expect(await net.viaProxy.call("eth_sendRawTransaction", raw)).toBe(hash);
    expect(await net.direct.call("eth_getTransactionByHash", hash)).toBeNull();
    await net.setFault({ kind: "frozen-head" });
    expect(await net.viaProxy.call("eth_sendRawTransaction", raw)).toBe(hash);
    await net.chain.mine();
    expect(await net.direct.count("latest")).toBe(nonce + 1);
    expect(await net.viaProxy.count("latest")).toBe(nonce);
  });

  test("frozen-head: gas is estimated in the state of the frozen block", async () => {
    const recipient = "0x00000000000000000000000000000000000000aa";
    const [from] = (await net.direct.call("eth_accounts")) as string[];
    await net.setFault({ kind: "frozen-head" });
    // Code that always reverts appears at the recipient, in a block after the freeze.
    await net.chain.mine();
    await net.direct.call("anvil_setCode", recipient, "0x60006000fd");
    await net.chain.mine();
    await expect(net.direct.call("eth_estimateGas", { from, to: recipient })).rejects.toThrow("revert");
    expect(await net.viaProxy.call("eth_estimateGas", { from, to: recipient })).toBe("0x5208");
  });

  test("syncing: keeps its distance while the chain advances, and says that it is syncing", async () => {
    const { number } = await net.direct.snapshot();
    await net.setFault({ kind: "syncing", behindBlocks: 5 });
    expect((await net.viaProxy.snapshot("latest")).number).toBe(number - 5n);
    await net.chain.mine(3);
    expect((await net.viaProxy.snapshot("latest")).number).toBe(number - 2n);
    expect(await net.viaProxy.call("eth_syncing")).toMatchObject({
      currentBlock: `0x${(number - 2n).toString(16)}`,
      highestBlock: `0x${(number + 3n).toString(16)}`,
    });
    await heals();
  });

  test("syncing: a distance in chain time is found in the timestamps", async () => {
    const latest = await net.direct.snapshot();
    await net.chain.mine(8, { timestampS: Number(latest.timestampS) + 60, intervalS: 60 });
    await net.setFault({ kind: "syncing", behindS: 150 });
    const { timestampS } = await net.viaProxy.snapshot("latest");
    expect(timestampS).toBe(latest.timestampS + 8n * 60n - 180n);
  });

  test("load-balanced: requests alternate between now and k blocks ago, counts included", async () => {
    await net.mineTransfer();
    await net.mineTransfer();
    const count = await net.direct.count("latest");
    const { number } = await net.direct.snapshot();
    await net.setFault({ kind: "load-balanced", behindBlocks: 2 });
    const counts = [];
    for (let request = 0; request < 4; request++) counts.push(await net.viaProxy.count("latest"));
    expect(counts).toEqual([count, count - 2, count, count - 2]);

    await net.setFault({ kind: "load-balanced", behindBlocks: 2, first: "behind" });
    const head = [
      { method: "eth_blockNumber" },
      { method: "eth_getBlockByNumber", params: ["latest", false] },
    ];
    const heads = [];
    for (let request = 0; request < 2; request++) {
      const [height, block] = (await rpcBatch(net.proxy.url, head)) as [string, { number: string }];
      heads.push([BigInt(height), BigInt(block.number)]);
    }
    expect(heads).toEqual([
      [number - 2n, number - 2n],
      [number, number],
    ]);
  });
});

describe("drop-sends", () => {
  const send = (raw: string) => ({ ...CHAIN_ID_CALL, method: "eth_sendRawTransaction", params: [raw] });

  test("unanswered: the sender hears nothing, and the transaction lands", async () => {
    const nonce = await net.direct.count("latest");
    const { raw, hash } = await signedTransfer(nonce);
    await net.setFault({ kind: "drop-sends", mode: "unanswered" });
    await expect(net.viaProxy.post(send(raw), SHORT_MS)).rejects.toMatchObject(GAVE_UP);
    await nodeHas(hash);
    await net.chain.mine();
    expect(await net.viaProxy.count("latest")).toBe(nonce + 1);
  });

  test("lost: the sender gets the right hash, and no node has the transaction", async () => {
    const nonce = await net.direct.count("latest");
    const { raw, hash } = await signedTransfer(nonce);
    await net.setFault({ kind: "drop-sends", mode: "lost" });
    expect(await net.viaProxy.call("eth_sendRawTransaction", raw)).toBe(hash);
    await net.chain.mine();
    expect(await net.viaProxy.call("eth_getTransactionByHash", hash)).toBeNull();
    expect(await net.viaProxy.count("pending")).toBe(nonce);
  });

  test("swallowed: neither answered nor landed, while reads go on", async () => {
    const { raw, hash } = await signedTransfer(await net.direct.count("latest"));
    await net.setFault({ kind: "drop-sends", mode: "swallowed" });
    await expect(net.viaProxy.post(send(raw), SHORT_MS)).rejects.toMatchObject(GAVE_UP);
    expect(await net.direct.call("eth_getTransactionByHash", hash)).toBeNull();
    expect(await net.viaProxy.call("eth_chainId")).toBe("0x539");
  });
});
