/**
 * A broken first endpoint beside a good second one, on either chain or both: no heartbeat is lost, the endpoint is left
 * alone after its first failure, and it serves again once it is well. All cases run at the same time on one network, each
 * with its own oracle and its own proxies; the tests below judge what happened.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { deployOracles, type OwnOracle, updatesOf } from "./support/own-oracle.ts";
import {
  type ChainName,
  loopRequestsUnderFault,
  type ProxiedAgent,
  startProxiedAgent,
} from "./support/proxied-agent.ts";
import { type FaultCase, faultTable, RPC_TIMEOUT_MS } from "./support/rpc-fault-table.ts";

const HEARTBEAT_MS = 3_000;
const JEJU_BLOCK_MS = 500;
const POLL_MS = 1_000;
/** The default: longer than it takes to notice a head that stands still. */
const TX_DEADLINE_MS = 20_000;
const HEARTBEATS_UNDER_FAULT = 3;
const HOURS_S = 7_200;
/** Both chains have this many blocks from before the network's hours passed: a syncing node lingers among them. */
const OLD_BLOCKS = 150;
/** Many cases share two processors. Less than a heartbeat, so that a lost one would show. */
const NOISE_MS = 2_500;
const CASE_DEADLINE_MS = 90_000;

const SCOPES: readonly (readonly ChainName[])[] = [["Base"], ["Jeju"], ["Base", "Jeju"]];
const CASES = faultTable(HOURS_S + OLD_BLOCKS / 2, 40).flatMap((faultCase) =>
  SCOPES.map((chains) => ({ ...faultCase, chains, title: `${faultCase.name} on ${chains.join(" and ")}` })),
);

interface CaseRun {
  readonly chains: readonly ChainName[];
  readonly subject: ProxiedAgent;
  readonly oracle: OwnOracle;
  readonly finished: Promise<Finished>;
}

interface Finished {
  /** Requests of the price loop that reached the broken endpoints until they were healed. */
  readonly requests: Readonly<Record<ChainName, number>>;
  /** eth_call requests that the healed endpoints got after they were well again. */
  readonly servedAfterwards: Readonly<Record<ChainName, number>>;
}

let net: Localnet;
const runs = new Map<string, CaseRun>();

beforeAll(async () => {
  const hostS = Math.floor(Date.now() / 1000);
  net = await startLocalnet({
    ethUsd8: 3_000_00000000n,
    baseBlockTimeMs: 1_000,
    jejuBlockTimeMs: JEJU_BLOCK_MS,
    startTimestampS: hostS - HOURS_S - OLD_BLOCKS,
  });
  const oracles = await deployOracles(net, CASES.length);
  await letHoursPass();
  const subjects: ProxiedAgent[] = [];
  // One after the other: a burst of starts would be slower than the deadline of a request. And all before the first
  // fault, or a new proxy would get the port at which an older one refuses.
  for (const oracle of oracles) {
    const subject = await startProxiedAgent(net, {
      endpoints: 2,
      env: {
        ...oracle.env,
        UPDATE_INTERVAL_MS: String(HEARTBEAT_MS),
        PRICE_POLL_INTERVAL_MS: String(POLL_MS),
        TX_DEADLINE_MS: String(TX_DEADLINE_MS),
      },
    });
    subjects.push(subject);
    await subject.agent.until("a first look", () => subject.agent.looks.length > 0, CASE_DEADLINE_MS);
  }
  for (const [index, faultCase] of CASES.entries()) {
    const [subject, oracle] = [subjects[index]!, oracles[index]!];
    const finished = runCase(faultCase, subject);
    finished.catch(() => undefined); // Judged by the case's own test.
    runs.set(faultCase.title, { chains: faultCase.chains, subject, oracle, finished });
  }
}, 60_000);

afterAll(async () => {
  await Promise.all([...runs.values()].map(({ subject }) => subject.stop()));
  await net?.stop();
}, 30_000);

/** From a network of hours ago, oracles included, to one of now. */
async function letHoursPass(): Promise<void> {
  const chains = [net.base, net.jeju];
  await Promise.all(chains.map((chain) => chain.pause()));
  const timestampS = net.clock.nowS() + 1;
  await Promise.all(chains.map((chain) => chain.mine(OLD_BLOCKS, { timestampS, intervalS: 1 })));
  net.clock.advanceTo(Math.floor(Date.now() / 1000));
  for (const chain of chains) chain.resume();
  await Promise.all([net.feed.setAnswer(net.settings.ethUsd8), net.jeju.mine()]);
}

async function runCase(faultCase: FaultCase & { chains: readonly ChainName[] }, subject: ProxiedAgent) {
  const { agent, proxies, setFault } = subject;
  const { chains, fault, failsOver } = faultCase;
  const landed = agent.landed.length;
  await agent.until("an update", () => agent.landed.length > landed, CASE_DEADLINE_MS);
  // Between two cycles: the next request is a poll. Faults amid a send have their own test.
  await setFault(chains, 0, fault);
  const before = agent.landed.length;
  await agent.until(
    "heartbeats under the fault",
    () => agent.landed.length >= before + HEARTBEATS_UNDER_FAULT && (!failsOver || failedOver(agent, chains)),
    CASE_DEADLINE_MS,
  );
  await setFault(chains, 0, null);
  const requests = perChain((chain) => loopRequestsUnderFault(proxies[chain][0]!));
  if (!failsOver) return { requests, servedAfterwards: perChain(() => 0) };
  await agent.until("the endpoints are well again", () => wellAgain(agent, chains), CASE_DEADLINE_MS);
  const calls = (chain: ChainName) => proxies[chain][0]?.calls.get("eth_call") ?? 0;
  const callsWhenWell = perChain(calls);
  const looks = agent.looks.length;
  await agent.until("more looks", () => agent.looks.length >= looks + 2, CASE_DEADLINE_MS);
  return { requests, servedAfterwards: perChain((chain) => calls(chain) - callsWhenWell[chain]) };
}

function perChain(measure: (chain: ChainName) => number): Record<ChainName, number> {
  return { Base: measure("Base"), Jeju: measure("Jeju") };
}

function failedOver({ log }: ProxiedAgent["agent"], chains: readonly ChainName[]): boolean {
  return chains.every((chain) => log.matching(`${chain} RPC 0 failed, trying fallback`).length > 0);
}

function wellAgain({ log }: ProxiedAgent["agent"], chains: readonly ChainName[]): boolean {
  return chains.every((chain) => log.matching(`${chain} RPC 0 is well again`).length > 0);
}

async function failoversCounted({ registry }: ProxiedAgent["agent"]): Promise<Record<ChainName, number>> {
  const metric = await registry.getSingleMetric("oracle_rpc_failover_total")?.get();
  const of = (chain: string) => metric?.values.find(({ labels }) => labels.chain === chain)?.value ?? 0;
  return { Base: of("base"), Jeju: of("jeju") };
}

describe("with a good second endpoint, a first one with", () => {
  for (const { title, chains, failsOver, noticedAfterMs, requestsUntilNoticed } of CASES) {
    test(
      `${title} loses no heartbeat${failsOver ? ", is left alone, and serves again when well" : ""}`,
      async () => {
        const { subject, oracle, finished } = runs.get(title)!;
        const { requests, servedAfterwards } = await finished;
        const { agent } = subject;
        expect(agent.failures).toEqual([]);
        expect(agent.log.matching("Cycle failed")).toEqual([]);
        expect(agent.updater.snapshot().pausedBy).toBeUndefined();

        const stampsMs = (await updatesOf(net, oracle)).map(({ timestampS }) => timestampS * 1000);
        const gapsMs = stampsMs.slice(1).map((stampMs, index) => stampMs - (stampsMs[index] ?? 0));
        const longestMs = HEARTBEAT_MS + noticedAfterMs + 2 * JEJU_BLOCK_MS + NOISE_MS;
        for (const gapMs of gapsMs) expect(gapMs).toBeLessThanOrEqual(longestMs);

        expect(agent.config.base.rpcTimeoutMs).toBe(RPC_TIMEOUT_MS);
        const counted = await failoversCounted(agent);
        for (const chain of ["Base", "Jeju"] as const) {
          const failovers = failsOver && chains.includes(chain) ? 1 : 0;
          expect(agent.log.matching(`${chain} RPC 0 failed, trying fallback`)).toHaveLength(failovers);
          expect(agent.log.matching(`${chain} RPC 1 failed`)).toEqual([]);
          expect(counted[chain]).toBe(failovers);
          expect(requests[chain]).toBeLessThanOrEqual(requestsUntilNoticed);
          if (failovers > 0) expect(servedAfterwards[chain]).toBeGreaterThan(0);
        }
        expect(agent.log.matching("RPC failover occurred")).toHaveLength(failsOver ? chains.length : 0);
      },
      CASE_DEADLINE_MS,
    );
  }
});
