/**
 * Two real chains and agents on them whose time, chain and host alike, passes only when a test says so. With it hours
 * of the production configuration run in seconds, and the outcome does not depend on how fast the machine is.
 */
import {
  type Localnet,
  type LocalnetOptions,
  type RpcProxy,
  startLocalnet,
  startRpcProxy,
} from "@jeju-oracle/localnet";
import type { Abi, Address } from "viem";
import { startAgent, type TestAgent, type TestAgentOptions } from "./agents.ts";
import { REQUEST_DEADLINE_MS, SteppedClock } from "./stepped-clock.ts";

export interface SteppedAgentOptions extends Partial<TestAgentOptions> {
  readonly botIndex?: number;
}

/** Base makes a block every 2 s. */
export const BLOCK_S = 2;

export class SteppedWorld {
  readonly net: Localnet;
  readonly clock: SteppedClock;
  readonly #agents: TestAgent[] = [];
  readonly #proxies: RpcProxy[] = [];

  private constructor(net: Localnet, clock: SteppedClock) {
    this.net = net;
    this.clock = clock;
  }

  static async start(options: LocalnetOptions = {}): Promise<SteppedWorld> {
    const net = await startLocalnet({ ...options, baseBlockTimeMs: "manual", jejuBlockTimeMs: "manual" });
    return new SteppedWorld(net, new SteppedClock(net.clock.nowS() * 1000));
  }

  /** Chain time now, s. */
  get nowS(): number {
    return this.net.clock.nowS();
  }

  /** Starts an agent with the production configuration but for `env`; returns after its first look. */
  async agent(env: Record<string, string> = {}, options: SteppedAgentOptions = {}): Promise<TestAgent> {
    const { BASE_WS_URL: _polledInstead, ...netEnv } = this.net.env(options.botIndex ?? 0);
    const agent = startAgent({
      ...options,
      env: { ...netEnv, RPC_TIMEOUT_MS: String(REQUEST_DEADLINE_MS), ...env },
      botId: options.botId ?? `bot-${(options.botIndex ?? 0) + 1}`,
      clock: this.clock,
    });
    this.#agents.push(agent);
    await this.clock.atRest();
    return agent;
  }

  /** Passes so much time in blocks of `blockS`; whatever becomes due on the way happens in order. */
  async pass(seconds: number, blockS = BLOCK_S): Promise<void> {
    for (let leftS = seconds; leftS > 0; leftS -= blockS) await this.#passBlock(Math.min(blockS, leftS));
  }

  /** Passes blocks until `holds`. @returns the time it took, s. @throws when it does not hold within `limitS`. */
  async passUntil(what: string, holds: () => boolean, limitS: number, blockS = BLOCK_S): Promise<number> {
    let passedS = 0;
    for (; !holds(); passedS += blockS) {
      if (passedS >= limitS)
        throw new Error(`not within ${limitS} s of chain time: ${what}\n${this.#logTail()}`);
      await this.#passBlock(blockS);
    }
    return passedS;
  }

  /** Passes time while one chain makes no blocks. */
  async passWithout(stopped: "base" | "jeju", seconds: number, blockS = BLOCK_S): Promise<void> {
    for (let leftS = seconds; leftS > 0; leftS -= blockS) {
      const stepS = Math.min(blockS, leftS);
      await this.clock.pass(stepS * 1000);
      this.net.clock.advanceBy(stepS);
      await (stopped === "base" ? this.net.jeju : this.net.base).mine();
    }
    await this.clock.atRest();
  }

  /** A transaction from the owner's unlocked account, in a block of its own. @throws when it reverts. */
  async send(
    on: "base" | "jeju",
    to: Address,
    abi: Abi,
    functionName: string,
    args: readonly unknown[],
  ): Promise<void> {
    const chain = this.net[on];
    const account = this.net.keys.owner.address;
    const hash = await chain.client.writeContract({
      account,
      chain: null,
      address: to,
      abi,
      functionName,
      args,
    });
    await chain.mine();
    const { status } = await chain.client.getTransactionReceipt({ hash });
    if (status !== "success") throw new Error(`${functionName} reverted`);
  }

  /** A proxy in front of a chain, transparent until a fault is set; give its URL to an agent. */
  async proxy(of: "base" | "jeju"): Promise<RpcProxy> {
    const proxy = await startRpcProxy({ target: this.net[of].rpcUrl });
    this.#proxies.push(proxy);
    return proxy;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.stop()));
    await Promise.all(this.#proxies.map((proxy) => proxy.stop()));
    await this.net.stop();
  }

  async #passBlock(seconds: number): Promise<void> {
    await this.clock.pass(seconds * 1000);
    await this.net.advance(seconds);
    await this.clock.atRest();
  }

  #logTail(): string {
    return this.#agents.map(({ botId, log }) => `${botId}:\n${log.lines.slice(-12).join("\n")}`).join("\n");
  }
}
