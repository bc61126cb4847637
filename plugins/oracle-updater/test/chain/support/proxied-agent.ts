/** An agent whose endpoints can be broken: on each chain a first one behind a proxy, and others as the test says. */
import { type Localnet, type RpcFault, type RpcProxy, startRpcProxy } from "@jeju-oracle/localnet";
import { QUICK, startAgent, type TestAgent, type TestAgentOptions } from "./agents.ts";

export type ChainName = "Base" | "Jeju";

interface ChainProxies {
  /** In the order in which the agent trusts them. */
  readonly Base: readonly RpcProxy[];
  readonly Jeju: readonly RpcProxy[];
}

export interface ProxiedAgent {
  readonly agent: TestAgent;
  readonly proxies: ChainProxies;
  /** Breaks (or with null heals) the endpoint at `position` of each of `chains`. */
  setFault(chains: readonly ChainName[], position: number, fault: RpcFault | null): Promise<void>;
  stop(): Promise<void>;
}

export interface ProxiedAgentOptions extends Omit<TestAgentOptions, "env"> {
  /** On top of the network's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly botIndex?: number;
  /** Endpoints per chain, all of them behind proxies. */
  readonly endpoints: number;
  /** In force before the agent starts, at the first endpoint of each of these chains. */
  readonly brokenFromTheStart?: { readonly chains: readonly ChainName[]; readonly fault: RpcFault };
}

/** Starts proxies and agent. The agent polls by time alone, so that requests can be counted. */
export async function startProxiedAgent(net: Localnet, options: ProxiedAgentOptions): Promise<ProxiedAgent> {
  const { env, botIndex = 0, endpoints, brokenFromTheStart, ...agentOptions } = options;
  const proxiesOf = (target: string, otherTarget: string) =>
    Promise.all(Array.from({ length: endpoints }, () => startRpcProxy({ target, otherTarget })));
  const [Base, Jeju] = await Promise.all([
    proxiesOf(net.base.rpcUrl, net.jeju.rpcUrl),
    proxiesOf(net.jeju.rpcUrl, net.base.rpcUrl),
  ]);
  const proxies: ChainProxies = { Base, Jeju };
  const setFault: ProxiedAgent["setFault"] = async (chains, position, fault) => {
    await Promise.all(chains.map((chain) => proxies[chain][position]?.setFault(fault)));
  };
  if (brokenFromTheStart !== undefined) {
    await setFault(brokenFromTheStart.chains, 0, brokenFromTheStart.fault);
  }
  const { BASE_WS_URL: _, ...networkEnv } = net.env(botIndex);
  const urls = (chain: ChainName) => proxies[chain].map(({ url }) => url).join(",");
  const agent = startAgent({
    env: { ...networkEnv, ...QUICK, ...env, BASE_RPC_URLS: urls("Base"), JEJU_RPC_URLS: urls("Jeju") },
    ...agentOptions,
  });
  return {
    agent,
    proxies,
    setFault,
    async stop() {
      await agent.stop();
      await Promise.all([...Base, ...Jeju].map((proxy) => proxy.stop()));
    },
  };
}

/** Requests that the price loop made while a fault was in force: all but the pool's probes. */
export function loopRequestsUnderFault(proxy: RpcProxy): number {
  return proxy.log.filter(({ methods, fault }) => fault !== null && !isProbe(methods)).length;
}

/** A probe is the only request that asks for the chain id. */
function isProbe(methods: readonly string[]): boolean {
  return methods.includes("eth_chainId");
}
