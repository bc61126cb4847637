/**
 * An endpoint that breaks at the worst moment, between the journal and the wire, or that takes a transaction and never
 * says so: whatever it did, the update lands exactly once. All cases run at the same time on one network.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Localnet, type RpcFault, startLocalnet } from "@jeju-oracle/localnet";
import { deployOracles, type OwnOracle, updatesOf } from "./support/own-oracle.ts";
import { type ProxiedAgent, startProxiedAgent } from "./support/proxied-agent.ts";
import { faultTable } from "./support/rpc-fault-table.ts";

const JEJU_BLOCK_MS = 500;
/** Further back than the oracles exist: an endpoint that far behind does not even know them. */
const BEFORE_THE_ORACLES_S = 60;
const FAR_BLOCKS = 40;
const CASE_DEADLINE_MS = 60_000;
const START_USD8 = 3_000_00000000n;
const MOVED_USD8 = (START_USD8 * 102n) / 100n;

interface MidSendCase {
  readonly title: string;
  readonly fault: RpcFault;
  /** 1: the broken endpoint is all there is, until it is healed. */
  readonly endpoints: 1 | 2;
}

const DROPPED_SENDS = (["unanswered", "lost", "swallowed"] as const).flatMap((mode): MidSendCase[] => {
  const fault: RpcFault = { kind: "drop-sends", mode };
  return [
    { title: `a first endpoint whose sends are ${mode}`, fault, endpoints: 2 },
    { title: `only an endpoint whose sends are ${mode}`, fault, endpoints: 1 },
  ];
});
const CASES: readonly MidSendCase[] = [
  ...faultTable(BEFORE_THE_ORACLES_S, FAR_BLOCKS).map(({ name, fault }): MidSendCase => {
    return { title: `a first endpoint that turns to ${name}`, fault, endpoints: 2 };
  }),
  ...DROPPED_SENDS,
];

interface CaseRun {
  readonly subject: ProxiedAgent;
  readonly oracle: OwnOracle;
  readonly finished: Promise<void>;
}

let net: Localnet;
const runs = new Map<string, CaseRun>();

beforeAll(async () => {
  net = await startLocalnet({ ethUsd8: START_USD8, baseBlockTimeMs: 1_000, jejuBlockTimeMs: JEJU_BLOCK_MS });
  const oracles = await deployOracles(net, CASES.length);
  const starts = CASES.map(async ({ title, fault, endpoints }, index) => {
    const oracle = oracles[index]!;
    let sends = 0;
    const subject: ProxiedAgent = await startProxiedAgent(net, {
      endpoints,
      env: { ...oracle.env, TX_DEADLINE_MS: "20000" },
      beforeBroadcast: async () => {
        sends += 1;
        if (sends === 1) await subject.setFault(["Jeju"], 0, fault);
      },
    });
    await subject.agent.until("a first look", () => subject.agent.looks.length > 0, CASE_DEADLINE_MS);
    return { title, subject, oracle, endpoints };
  });
  const subjects = await Promise.all(starts);
  await net.feed.setAnswer(MOVED_USD8);
  for (const { title, subject, oracle, endpoints } of subjects) {
    const finished = endpoints === 1 ? throughAnOutage(subject) : untilDone(subject);
    finished.catch(() => undefined); // Judged by the case's own test.
    runs.set(title, { subject, oracle, finished });
  }
}, 60_000);

afterAll(async () => {
  await Promise.all([...runs.values()].map(({ subject }) => subject.stop()));
  await net?.stop();
}, 30_000);

async function untilDone({ agent }: ProxiedAgent): Promise<void> {
  await agent.until(
    "the new price is on chain and nothing is due",
    () =>
      agent.looks.at(-1)?.state.ethUsd8 === MOVED_USD8 && agent.looks.at(-1)?.decision.reason === "unchanged",
    CASE_DEADLINE_MS,
  );
}

/** The only endpoint drops the transaction, and again when it is sent again; then it is healed. */
async function throughAnOutage(subject: ProxiedAgent): Promise<void> {
  await subject.proxies.Jeju[0]?.nextCall("eth_sendRawTransaction", CASE_DEADLINE_MS);
  await subject.proxies.Jeju[0]?.nextCall("eth_getTransactionReceipt", CASE_DEADLINE_MS);
  await subject.setFault(["Jeju"], 0, null);
  await untilDone(subject);
}

describe("an update sent through", () => {
  for (const { title } of CASES) {
    test(
      `${title} lands exactly once, and the agent knows`,
      async () => {
        const { subject, oracle, finished } = runs.get(title)!;
        await finished;
        const { agent } = subject;
        expect((await updatesOf(net, oracle)).map(({ ethUsd8 }) => ethUsd8)).toEqual([MOVED_USD8]);
        const nonce = await net.jeju.client.getTransactionCount({ address: oracle.updater });
        expect(nonce).toBe(1);
        expect(agent.landed.map(({ ethUsd8 }) => ethUsd8)).toEqual([MOVED_USD8]);
        expect(agent.failures).toEqual([]);
        expect(agent.updater.snapshot()).toMatchObject({ pausedBy: undefined, healthy: true });
        expect(agent.alerts.has("foreign-update")).toBe(false);
      },
      CASE_DEADLINE_MS,
    );
  }
});
