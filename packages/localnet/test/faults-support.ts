/** A chain, a proxy before it, and requests that show status, text and connection errors as they are. */
import { afterAll, afterEach, beforeAll, beforeEach } from "bun:test";
import { type Hex, keccak256 } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { type LocalChain, startChain } from "../src/chain/chain.ts";
import { type RpcFault, type RpcProxy, startRpcProxy } from "../src/faults/index.ts";
import { quantity } from "../src/json-rpc.ts";

/** Longer than a healthy answer on a busy machine takes, short enough to wait for in a test. */
export const SHORT_MS = 250;
const DEADLINE_MS = 5_000;
const CHAIN_ID = 1337;
const OTHER_CHAIN_ID = 8453;
/** The first account of anvil's public test mnemonic. */
const sender = mnemonicToAccount("test test test test test test test test test test test junk");

/** Creation code that returns NUMBER, TIMESTAMP and CHAINID (3 words), without being deployed. */
const BLOCK_READER = "0x43600052426020524660405260606000f3";

interface Snapshot {
  readonly number: bigint;
  readonly timestampS: bigint;
  readonly chainId: bigint;
}

export interface Endpoint {
  post(body: unknown, deadlineMs?: number): Promise<{ status: number; text: string; headers: Headers }>;
  /** The result of one call; throws the JSON-RPC error's message. */
  call(method: string, ...params: unknown[]): Promise<unknown>;
  /** Number, timestamp and chain id as seen by a deployless eth_call. */
  snapshot(block?: unknown): Promise<Snapshot>;
  count(block: unknown): Promise<number>;
}

export function endpoint(url: () => string): Endpoint {
  const post: Endpoint["post"] = async (body, deadlineMs = DEADLINE_MS) => {
    const response = await fetch(url(), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(deadlineMs),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const call: Endpoint["call"] = async (method, ...params) => {
    const answer = JSON.parse((await post({ jsonrpc: "2.0", id: 7, method, params })).text);
    if (answer.error !== undefined) throw new Error(`${answer.error.code}: ${answer.error.message}`);
    return answer.result;
  };
  return {
    post,
    call,
    async snapshot(block) {
      const params = block === undefined ? [{ data: BLOCK_READER }] : [{ data: BLOCK_READER }, block];
      const data = String(await call("eth_call", ...params));
      const word = (index: number) => BigInt(`0x${data.slice(2 + index * 64, 66 + index * 64)}`);
      return { number: word(0), timestampS: word(1), chainId: word(2) };
    },
    count: async (block) =>
      Number(quantity(await call("eth_getTransactionCount", sender.address, block), "count")),
  };
}

/** Signs a transfer of nothing to oneself with the given nonce. */
export async function signedTransfer(nonce: number): Promise<{ raw: Hex; hash: Hex }> {
  const raw = await sender.signTransaction({
    chainId: CHAIN_ID,
    type: "eip1559",
    to: sender.address,
    gas: 21_000n,
    maxFeePerGas: 20_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
    nonce,
  });
  return { raw, hash: keccak256(raw) };
}

/** Registers the hooks; the returned object is filled before each test. */
export function useProxy() {
  const net = {} as {
    chain: LocalChain;
    otherChain: LocalChain;
    proxy: RpcProxy;
    /** Through the proxy. */
    viaProxy: Endpoint;
    /** Straight to the node. */
    direct: Endpoint;
    setFault(fault: RpcFault | null): Promise<void>;
    /** Mines a transfer of the next nonce and returns its hash. */
    mineTransfer(): Promise<Hex>;
  };
  beforeAll(async () => {
    [net.chain, net.otherChain] = await Promise.all([
      startChain({ chainId: CHAIN_ID, blockTimeMs: "manual", startTimestampS: 1_800_000_000 }),
      startChain({ chainId: OTHER_CHAIN_ID, blockTimeMs: "manual", startTimestampS: 1_800_000_000 }),
    ]);
    net.direct = endpoint(() => net.chain.rpcUrl);
    net.viaProxy = endpoint(() => net.proxy.url);
    net.setFault = (fault) => net.proxy.setFault(fault);
    net.mineTransfer = async () => {
      const { raw, hash } = await signedTransfer(await net.direct.count("latest"));
      await net.direct.call("eth_sendRawTransaction", raw);
      await net.chain.mine();
      return hash;
    };
    await net.chain.mine(20, { timestampS: 1_800_000_010, intervalS: 10 });
  });
  beforeEach(async () => {
    net.proxy = await startRpcProxy({ target: net.chain.rpcUrl, otherTarget: net.otherChain.rpcUrl });
  });
  afterEach(() => net.proxy.stop());
  afterAll(async () => {
    await Promise.all([net.chain.stop(), net.otherChain.stop()]);
  });
  return net;
}

/** A WebSocket client whose frames can be awaited. */
export async function openSocket(url: string) {
  const socket = new WebSocket(url);
  const frames: Record<string, unknown>[] = [];
  let wake = Promise.withResolvers<void>();
  const closed = new Promise<void>((resolve) => {
    socket.onclose = () => {
      wake.resolve();
      resolve();
    };
  });
  socket.onmessage = ({ data }) => {
    frames.push(JSON.parse(String(data)));
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error("the socket did not open"));
  });
  return {
    closed,
    frames,
    send: (body: unknown) => socket.send(JSON.stringify(body)),
    /** The first frame, received already or to come, that `matches` accepts. */
    async frame(matches: (frame: Record<string, unknown>) => boolean, deadlineMs = DEADLINE_MS) {
      const end = performance.now() + deadlineMs;
      for (;;) {
        const found = frames.find(matches);
        if (found !== undefined) return found;
        const leftMs = end - performance.now();
        if (leftMs <= 0) throw new Error(`no such frame within ${deadlineMs} ms`);
        await Promise.race([wake.promise, Bun.sleep(leftMs)]);
      }
    },
    close: () => socket.close(),
  };
}
