/**
 * Every endpoint of a chain is bad: the agent lives on, says so, sends nothing wrong, and is back by itself when an
 * endpoint is.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { scaledClock } from "@jeju-oracle/kit/testing";
import { type Localnet, type RpcFault, startLocalnet } from "@jeju-oracle/localnet";
import { healthBody } from "../../src/health-route.ts";
import { deployOracles, type OwnOracle, updatesOf } from "./support/own-oracle.ts";
import { type ChainName, type ProxiedAgent, startProxiedAgent } from "./support/proxied-agent.ts";

const CASE_DEADLINE_MS = 60_000;
const START_USD8 = 3_000_00000000n;
const percentUp = (percent: bigint) => (START_USD8 * (100n + percent)) / 100n;
const SCOPES: readonly (readonly ChainName[])[] = [["Base"], ["Jeju"], ["Base", "Jeju"]];

async function breakAll(subject: ProxiedAgent, chains: readonly ChainName[], fault: RpcFault | null) {
  for (const position of subject.proxies.Jeju.keys()) await subject.setFault(chains, position, fault);
}

function cyclesFailed({ agent }: ProxiedAgent): readonly string[] {
  return agent.log.matching("Cycle failed");
}

describe("while all endpoints are bad at once", () => {
  const FAULTS: readonly (readonly [name: string, fault: RpcFault])[] = [
    ["refused connections", { kind: "refuse" }],
    ["HTTP 500", { kind: "http-500" }],
    ["HTTP 429", { kind: "rate-limit" }],
    ["a web page", { kind: "html" }],
    ["truncated JSON", { kind: "truncated-json" }],
    ["numbers as results", { kind: "wrong-types", result: "number" }],
    ["null as results", { kind: "wrong-types", result: "null" }],
    ["JSON-RPC errors with HTTP 200", { kind: "rpc-error" }],
    ["reverted reads", { kind: "reverted-multicall" }],
    ["another chain", { kind: "wrong-chain" }],
  ];
  const CASES = FAULTS.flatMap(([name, fault]) =>
    SCOPES.map((chains) => ({ fault, chains, title: `${name} on ${chains.join(" and ")}` })),
  );
  /** Prices before, during and after the outage. The one during it is never on chain. */
  const [BEFORE, DURING, AFTER] = [percentUp(2n), percentUp(4n), percentUp(6n)] as const;

  let net: Localnet;
  let oracles: OwnOracle[];
  let subjects: ProxiedAgent[];

  beforeAll(async () => {
    net = await startLocalnet({ ethUsd8: START_USD8, baseBlockTimeMs: 1_000, jejuBlockTimeMs: 500 });
    oracles = await deployOracles(net, CASES.length);
    subjects = await Promise.all(
      oracles.map((oracle) => startProxiedAgent(net, { endpoints: 2, env: { ...oracle.env } })),
    );
    await net.feed.setAnswer(BEFORE);
    await everyone("landed before the outage", ({ agent }) => agent.landed.length === 1);
    await Promise.all(CASES.map(({ chains, fault }, index) => breakAll(subjects[index]!, chains, fault)));
    await net.feed.setAnswer(DURING);
    await everyone("noticed the outage", (subject) => cyclesFailed(subject).length >= 2);
    await net.feed.setAnswer(AFTER);
    await Promise.all(CASES.map(({ chains }, index) => breakAll(subjects[index]!, chains, null)));
    await everyone("is back", ({ agent }) => agent.landed.at(-1)?.ethUsd8 === AFTER);
  }, 2 * CASE_DEADLINE_MS);

  afterAll(async () => {
    await Promise.all((subjects ?? []).map((subject) => subject.stop()));
    await net?.stop();
  }, 30_000);

  async function everyone(what: string, holds: (subject: ProxiedAgent) => boolean): Promise<void> {
    await Promise.all(
      subjects.map((subject) => subject.agent.until(what, () => holds(subject), CASE_DEADLINE_MS)),
    );
  }

  for (const [index, { title }] of CASES.entries()) {
    test(`with ${title}, cycles fail as unreachable, no price lands, and the agent is back by itself`, async () => {
      const { agent } = subjects[index]!;
      for (const line of cyclesFailed(subjects[index]!)) expect(line).toContain('"code":"chain-unreachable"');
      expect((await updatesOf(net, oracles[index]!)).map(({ ethUsd8 }) => ethUsd8)).toEqual([BEFORE, AFTER]);
      expect(agent.failures).toEqual([]);
      expect(agent.updater.snapshot()).toMatchObject({ healthy: true, pausedBy: undefined });
    });
  }
});

describe("an outage that lasts", () => {
  const SPEED_UP = 20;
  let net: Localnet;
  const subjects: ProxiedAgent[] = [];

  beforeAll(async () => {
    net = await startLocalnet({
      ethUsd8: START_USD8,
      baseBlockTimeMs: 500,
      jejuBlockTimeMs: 250,
      speedUp: SPEED_UP,
    });
  }, 30_000);

  afterAll(async () => {
    await Promise.all(subjects.map((subject) => subject.stop()));
    await net?.stop();
  }, 30_000);

  for (const chain of ["Base", "Jeju"] as const) {
    test(
      `of ${chain} turns /health unhealthy after 60 s, not before, and an update that was due counts as failed`,
      async () => {
        const [oracle] = await deployOracles(net, 1);
        const clock = scaledClock(SPEED_UP);
        const subject = await startProxiedAgent(net, {
          endpoints: 2,
          clock,
          env: {
            ...oracle!.env,
            UPDATE_INTERVAL_MS: "120000",
            PRICE_POLL_INTERVAL_MS: "10000",
            RETRY_DELAY_MS: "10000",
            RPC_TIMEOUT_MS: "30000",
            TX_DEADLINE_MS: "120000",
          },
        });
        subjects.push(subject);
        const { agent } = subject;
        await agent.until("a first update", () => agent.landed.length > 0, CASE_DEADLINE_MS);
        expect(agent.updater.snapshot().healthy).toBe(true);

        const brokenAtMs = clock.monotonicMs();
        await breakAll(subject, [chain], { kind: "http-500" });
        await agent.until("alerts", () => agent.alerts.has("chain-unreachable"), CASE_DEADLINE_MS);
        expect(clock.monotonicMs() - brokenAtMs).toBeGreaterThanOrEqual(60_000);
        const body = healthBody(agent.updater.snapshot(), 1, undefined);
        expect(body).toMatchObject({ status: "unhealthy", healthy: false });
        expect(body.reasons).toContain(`${chain} has been unreachable for over 60 s`);
        expect(agent.alerts.get("chain-unreachable")?.severity).toBe("critical");
        const landed = agent.landed.length;
        await agent.until("the heartbeat is overdue", () => agent.failures.length > 0, CASE_DEADLINE_MS);
        expect(new Set(agent.failures)).toEqual(new Set(["chain-unreachable"]));
        expect(agent.landed.length).toBe(landed);

        await breakAll(subject, [chain], null);
        await agent.until("an update", () => agent.landed.length > landed, CASE_DEADLINE_MS);
        await agent.until("no alert", () => !agent.alerts.has("chain-unreachable"), CASE_DEADLINE_MS);
        expect(healthBody(agent.updater.snapshot(), 1, undefined)).toMatchObject({
          status: "healthy",
          reasons: [],
          consecutiveFailures: 0,
        });
      },
      2 * CASE_DEADLINE_MS,
    );
  }
});
