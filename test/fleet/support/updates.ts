/** What lands on one oracle, as it lands: when, by whom, in which term. Pushed by the chain, so that a landing has a time. */
import { systemClock, withDeadline } from "@jeju-oracle/kit";
import type { Localnet } from "@jeju-oracle/localnet";
import { type Address, type Hex, keccak256, slice, stringToHex, toEventSelector } from "viem";

export interface LandedUpdate {
  /** When its block was announced, by performance.now(). */
  readonly atMs: number;
  readonly hash: Hex;
  readonly blockNumber: number;
  readonly timestampS: number;
  /** The bot whose tag it carries; "foreign" without a tag of a known bot. */
  readonly botId: string;
  readonly term: number;
  readonly nonce: number;
}

const UPDATED = toEventSelector("PricesUpdated(uint256,uint256,uint256)");
/** ethPrice, elizaPrice, timestamp: a word each. */
const TIMESTAMP_AT = 64;
const DEADLINE_MS = 30_000;
/** magic (4) | first bytes of keccak256(BOT_ID) (4) | term (4) | salt (4), at the end of the calldata. */
const TAG_BYTES = 16;

export class UpdateWatch implements AsyncDisposable {
  readonly updates: LandedUpdate[] = [];
  readonly #net: Localnet;
  readonly #botIds: readonly string[];
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #reading: Promise<void> = Promise.resolve();

  private constructor(net: Localnet, socket: WebSocket, botIds: readonly string[]) {
    this.#net = net;
    this.#socket = socket;
    this.#botIds = botIds;
    socket.addEventListener("message", ({ data }) => this.#received(String(data), performance.now()));
  }

  /** Subscribes to the updates of `oracle`; what landed before is not seen. */
  static async start(net: Localnet, oracle: Address, botIds: readonly string[]): Promise<UpdateWatch> {
    const socket = new WebSocket(net.jeju.wsUrl);
    await once(socket, "open");
    const watch = new UpdateWatch(net, socket, botIds);
    const subscribed = once(socket, "message");
    const params = ["logs", { address: oracle, topics: [UPDATED] }];
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params }));
    await subscribed;
    return watch;
  }

  /** The first update from index `from` on that `matches`; waits for it. */
  async next(
    what: string,
    matches: (update: LandedUpdate) => boolean,
    { from = 0, deadlineMs = DEADLINE_MS } = {},
  ): Promise<LandedUpdate> {
    return withDeadline(systemClock, what, deadlineMs, async (signal) => {
      while (!signal.aborted) {
        const found = this.updates.slice(from).find(matches);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
      throw new Error(`${what} did not land; what did: ${JSON.stringify(this.updates.slice(from))}`);
    });
  }

  /** The first update of `botId` from index `from` on. */
  by(botId: string, options: { readonly from?: number; readonly deadlineMs?: number } = {}) {
    return this.next(`an update by ${botId}`, (update) => update.botId === botId, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#reading;
  }

  #received(text: string, atMs: number): void {
    const { params } = JSON.parse(text) as { params?: { result: UpdateLog } };
    if (params === undefined) return;
    const log = params.result;
    // One after the other, so that they are listed in the order in which they landed.
    this.#reading = this.#reading.then(() => this.#read(log, atMs));
  }

  async #read({ transactionHash, blockNumber, data }: UpdateLog, atMs: number): Promise<void> {
    const { input, nonce } = await this.#net.jeju.client.getTransaction({ hash: transactionHash });
    const tag = slice(input, -TAG_BYTES);
    const bot = slice(tag, 4, 8);
    this.updates.push({
      atMs,
      hash: transactionHash,
      nonce,
      blockNumber: Number(blockNumber),
      timestampS: Number(slice(data, TIMESTAMP_AT)),
      botId: this.#botIds.find((botId) => slice(keccak256(stringToHex(botId)), 0, 4) === bot) ?? "foreign",
      term: Number(slice(tag, 8, 12)),
    });
    for (const wake of [...this.#waiting]) {
      this.#waiting.delete(wake);
      wake();
    }
  }
}

interface UpdateLog {
  readonly transactionHash: Hex;
  readonly blockNumber: Hex;
  readonly data: Hex;
}

function once(socket: WebSocket, event: "open" | "message"): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.addEventListener(event, resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("the chain's WebSocket broke")), { once: true });
  });
}
