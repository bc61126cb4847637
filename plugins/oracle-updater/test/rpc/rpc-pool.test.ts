import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type CapturedLog, captureLog } from "@jeju-oracle/kit/testing";
import { ChainUnreachableError, EndpointError } from "../../src/rpc/rpc-errors.ts";
import { RpcPool, type RpcSession } from "../../src/rpc/rpc-pool.ts";
import { type Answer, FakeRpc, hang, http, node } from "../support/fake-rpc.ts";
import { NOW_S } from "../support/fixtures.ts";
import { WatchedClock } from "../support/watched-clock.ts";

const CHAIN_ID = 8453;
const TIMEOUT_MS = 1_500;
const PROBE_INTERVAL_MS = 5_000;

interface Failover {
  readonly from: number;
  readonly to: number;
  readonly failure: string;
}

let clock: WatchedClock;
let log: CapturedLog;
let servers: FakeRpc[];
let pool: RpcPool;
let failovers: Failover[];
let httpRequests: number;
/** The chain's head, in blocks of 2 s. */
let height: bigint;
/** By how many blocks each endpoint's own head is behind; none by default. */
let lagBlocks: readonly bigint[];

beforeEach(() => {
  clock = new WatchedClock(Number(NOW_S) * 1000);
  log = captureLog();
  servers = [];
  failovers = [];
  httpRequests = 0;
  height = 1_000n;
  lagBlocks = [];
});

afterEach(async () => {
  await pool.stop();
  await Promise.all(servers.map((server) => server.stop()));
});

/** Genesis such that block 1,000 is made when the test starts. */
const GENESIS_S = NOW_S - 2_000n;
const healthy = (behindBlocks = 0n): Answer => node(CHAIN_ID, () => height - behindBlocks, GENESIS_S);
const dead = http(500);

function poolOf(...answers: Answer[]): RpcPool {
  servers = answers.map((answer) => new FakeRpc(answer));
  pool = new RpcPool({
    chain: "Base",
    urls: servers.map((server) => server.url()),
    chainId: CHAIN_ID,
    timeoutMs: TIMEOUT_MS,
    clock,
    logger: log.logger,
    events: {
      request: () => {
        httpRequests += 1;
      },
      failover: (_chain, from, to, failure) => failovers.push({ from, to, failure }),
    },
  });
  return pool;
}

/** The smallest attempt; answers with the endpoint that served it. */
const ask = async (session: RpcSession) => {
  await session.request([{ method: "eth_gasPrice", params: [] }]);
  return session.label;
};

/** An attempt that reports the head it saw. */
const look = async (session: RpcSession) => {
  await session.request([{ method: "eth_blockNumber", params: [] }]);
  const head = height - (lagBlocks[Number(session.label.at(-1))] ?? 0n);
  await session.observeHead({ number: head, timestampS: GENESIS_S + 2n * head });
  return session.label;
};
/** HTTP requests that each endpoint has received. */
function received(): number[] {
  return servers.map(({ requests }) => requests.length);
}

/** Runs the background probes of `rounds` probe intervals. */
async function probe(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const finished = clock.timerSet(PROBE_INTERVAL_MS);
    await clock.advance(PROBE_INTERVAL_MS);
    await finished;
  }
}

/** Probe rounds until endpoint 0 is well again. */
async function roundsUntilWell(): Promise<number> {
  const before = log.matching("Base RPC 0 is well again").length;
  for (let rounds = 1; rounds <= 200; rounds++) {
    await probe(1);
    if (log.matching("Base RPC 0 is well again").length > before) return rounds;
  }
  throw new Error("endpoint 0 never recovered");
}

async function failureOf(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("the serving endpoint", () => {
  test("is the first one, and it alone is asked", async () => {
    poolOf(healthy(), healthy());
    for (let attempt = 0; attempt < 3; attempt++) expect(await pool.attempt(ask)).toBe("Base RPC 0");
    expect(received()).toEqual([3, 0]);
    expect(failovers).toEqual([]);
  });

  test("that is dead costs one request, then it is left alone", async () => {
    poolOf(dead, healthy());
    for (let attempt = 0; attempt < 5; attempt++) expect(await pool.attempt(ask)).toBe("Base RPC 1");
    expect(received()).toEqual([1, 5]);
    expect(pool.servingIndex()).toBe(1);
  });

  test("that hangs costs one deadline, once", async () => {
    poolOf(hang, healthy());
    const arrived = servers[0]!.nextRequest();
    const first = pool.attempt(ask);
    await arrived;
    await clock.advance(TIMEOUT_MS);
    expect(await first).toBe("Base RPC 1");
    const atMs = clock.monotonicMs();
    expect(await pool.attempt(ask)).toBe("Base RPC 1");
    expect(clock.monotonicMs()).toBe(atMs);
    expect(received()).toEqual([1, 2]);
  });

  test("on failure hands over the whole attempt: no step of it is taken over from another endpoint", async () => {
    poolOf(healthy(), healthy());
    const steps: string[] = [];
    const result = await pool.attempt(async (session) => {
      steps.push(`${session.label}: first`);
      await session.request([{ method: "eth_gasPrice", params: [] }]);
      servers[0]!.answer = dead;
      steps.push(`${session.label}: second`);
      await session.request([{ method: "eth_gasPrice", params: [] }]);
      return session.label;
    });
    expect(result).toBe("Base RPC 1");
    expect(steps).toEqual([
      "Base RPC 0: first",
      "Base RPC 0: second",
      "Base RPC 1: first",
      "Base RPC 1: second",
    ]);
  });

  test("hands over when the work itself finds the answer wrong", async () => {
    poolOf(healthy(), healthy());
    const result = await pool.attempt(async (session) => {
      if (session.label === "Base RPC 0")
        throw new EndpointError("wrong-chain", session.label, "is on chain 1");
      return session.label;
    });
    expect(result).toBe("Base RPC 1");
    expect(failovers).toEqual([{ from: 0, to: 1, failure: "wrong-chain" }]);
  });

  test("a failover is logged in the words of the runbook, and counted once", async () => {
    poolOf(dead, healthy());
    await pool.attempt(ask);
    await pool.attempt(ask);
    expect(log.matching("Base RPC 0 failed, trying fallback").length).toBe(1);
    expect(log.matching("RPC failover occurred").map((line) => JSON.parse(line))).toMatchObject([
      { msg: "RPC failover occurred", chain: "Base", from: 0, to: 1, failure: "http-error" },
    ]);
    expect(failovers).toEqual([{ from: 0, to: 1, failure: "http-error" }]);
  });

  test("no log line shows a URL", async () => {
    poolOf(dead, dead);
    await failureOf(pool.attempt(ask));
    for (const line of log.lines) expect(line).not.toContain("127.0.0.1");
  });
});

describe("errors that no other endpoint would cure", () => {
  test("pass through at once", async () => {
    poolOf(healthy(), healthy());
    const error = new RangeError("a defect");
    expect(await failureOf(pool.attempt(() => Promise.reject(error)))).toBe(error);
    expect(received()).toEqual([0, 0]);
    expect(failovers).toEqual([]);
  });

  test("a caller that gives up fails over to nobody", async () => {
    poolOf(hang, healthy());
    const controller = new AbortController();
    const arrived = servers[0]!.nextRequest();
    const attempt = failureOf(pool.attempt(ask, controller.signal));
    await arrived;
    controller.abort(new Error("stopping"));
    expect(await attempt).toMatchObject({ message: "stopping" });
    expect(received()).toEqual([1, 0]);
    expect(failovers).toEqual([]);
  });
});

describe("when every endpoint fails", () => {
  test("the chain is unreachable, with count, variable and last cause", async () => {
    poolOf(dead, dead);
    const error = await failureOf(pool.attempt(ask));
    expect(error).toBeInstanceOf(ChainUnreachableError);
    expect(error).toMatchObject({
      code: "chain-unreachable",
      details: { chain: "Base", attempts: 2 },
      nextStep: expect.stringContaining("BASE_RPC_URLS"),
      cause: { kind: "http-error" },
    });
    expect(received()).toEqual([1, 1]);
    expect(log.matching("no fallback left").length).toBe(1);
  });

  test("they are still asked, the first one that answers serves, and is well at once", async () => {
    poolOf(dead, dead);
    await failureOf(pool.attempt(ask));
    servers[1]!.answer = healthy();
    expect(await pool.attempt(ask)).toBe("Base RPC 1");
    expect(received()).toEqual([2, 2]);
    expect(await pool.attempt(ask)).toBe("Base RPC 1");
    expect(received()).toEqual([2, 3]);
  });

  /** Lets the only endpoint miss its deadline, so that the second round asks it again. */
  async function missFirstDeadline(secondAnswer: Answer): Promise<{ readonly attempt: Promise<string> }> {
    poolOf(hang);
    const first = servers[0]!.nextRequest();
    const attempt = pool.attempt(ask);
    await first;
    servers[0]!.answer = secondAnswer;
    const second = servers[0]!.nextRequest();
    await clock.advance(TIMEOUT_MS);
    await second;
    return { attempt };
  }

  test("by a timeout, a second round is four times as patient: slow beats nothing", async () => {
    const slow = Promise.withResolvers<void>();
    const { attempt } = await missFirstDeadline(async (calls, isBatch) => {
      await slow.promise;
      return healthy()(calls, isBatch);
    });
    await clock.advance(4 * TIMEOUT_MS - 1);
    slow.resolve();
    expect(await attempt).toBe("Base RPC 0");
    expect(received()).toEqual([2]);
  });

  test("the second round is the last", async () => {
    const { attempt } = await missFirstDeadline(hang);
    const failure = failureOf(attempt);
    await clock.advance(4 * TIMEOUT_MS);
    expect(await failure).toBeInstanceOf(ChainUnreachableError);
    expect(received()).toEqual([2]);
  });

  test("the time without any answer counts from the first failed attempt, however rarely one is made", async () => {
    poolOf(healthy());
    await pool.attempt(ask);
    await clock.advance(600_000);
    expect(pool.unreachableForMs()).toBe(0);
    servers[0]!.answer = dead;
    await failureOf(pool.attempt(ask));
    await clock.advance(2_000);
    await failureOf(pool.attempt(ask));
    expect(pool.unreachableForMs()).toBe(2_000);
    servers[0]!.answer = healthy();
    await pool.attempt(ask);
    expect(pool.unreachableForMs()).toBe(0);
  });
});

describe("an endpoint that stands in for the first", () => {
  test("is told with the time since the first last served, whichever of the others serves, until the first does again", async () => {
    poolOf(healthy(), healthy(), healthy());
    await pool.attempt(ask);
    expect(pool.standIn()).toBeUndefined();
    servers[0]!.answer = dead;
    await pool.attempt(ask);
    expect(pool.standIn()).toEqual({ chain: "Base", index: 1, forMs: 0 });
    await clock.advance(2_000);
    servers[1]!.answer = dead;
    await pool.attempt(ask);
    expect(pool.standIn()).toEqual({ chain: "Base", index: 2, forMs: 2_000 });
    servers[0]!.answer = healthy();
    pool.start();
    await roundsUntilWell();
    expect(pool.standIn()).toMatchObject({ index: 2 });
    await pool.attempt(ask);
    expect(pool.standIn()).toBeUndefined();
  });

  test("is none while nothing serves: that is the chain out of reach", async () => {
    poolOf(dead, dead);
    await failureOf(pool.attempt(ask));
    expect(pool.standIn()).toBeUndefined();
  });
});

describe("endpoints added at run time", () => {
  const added = (answer: Answer) => {
    const server = new FakeRpc(answer);
    servers.push(server);
    return server.url();
  };

  test("an added endpoint serves at once when the configured ones are dead", async () => {
    poolOf(dead);
    await failureOf(pool.attempt(ask));
    pool.setExtraUrls([added(healthy())]);
    expect(await pool.attempt(ask)).toBe("Base RPC 1");
    expect(pool.unreachableForMs()).toBe(0);
    // And the dead one taxes nobody any more.
    expect(await pool.attempt(ask)).toBe("Base RPC 1");
    const once = servers[1]!.requests.flat().filter(({ method }) => method === "eth_chainId");
    expect(once).toHaveLength(1);
    expect(received()).toEqual([2, 3]);
  });

  test("never before a configured one that is well, and as a fallback once a probe found it well", async () => {
    poolOf(healthy());
    pool.start();
    pool.setExtraUrls([added(healthy())]);
    expect(await pool.attempt(ask)).toBe("Base RPC 0");
    await probe(1);
    servers[0]!.answer = dead;
    expect(await pool.attempt(ask)).toBe("Base RPC 1");
    expect(failovers).toEqual([{ from: 0, to: 1, failure: "http-error" }]);
    servers[0]!.answer = healthy();
    await probe(2);
    expect(await pool.attempt(ask)).toBe("Base RPC 0");
  });

  test("is not asked any more once it is taken away", async () => {
    poolOf(dead);
    pool.start();
    pool.setExtraUrls([added(healthy())]);
    await pool.attempt(ask);
    pool.setExtraUrls([]);
    expect(await failureOf(pool.attempt(ask))).toBeInstanceOf(ChainUnreachableError);
    await probe(2);
    expect(received()[1]).toBe(2);
  });

  test("an attempt that runs on one is completed although it is taken away meanwhile", async () => {
    poolOf(dead);
    await failureOf(pool.attempt(ask));
    pool.setExtraUrls([added(healthy())]);
    const label = await pool.attempt(async (session) => {
      pool.setExtraUrls([]);
      return ask(session);
    });
    expect(label).toBe("Base RPC 1");
  });

  test("one that stays keeps what is known of it; another one gets a name of its own", async () => {
    poolOf(dead);
    const [first, second] = [added(healthy()), added(healthy())];
    pool.setExtraUrls([first]);
    await pool.attempt(ask);
    pool.setExtraUrls([first, second]);
    expect(await pool.attempt(ask)).toBe("Base RPC 1");
    pool.setExtraUrls([second]);
    expect(await pool.attempt(ask)).toBe("Base RPC 2");
  });

  test("a URL that is configured already, or named twice, is no further endpoint", async () => {
    poolOf(dead);
    const other = added(dead);
    pool.setExtraUrls([servers[0]!.url(), other, other]);
    await failureOf(pool.attempt(ask));
    expect(received()).toEqual([1, 1]);
  });

  test("error: one on another chain is never believed, not even when nothing else answers", async () => {
    poolOf(healthy());
    pool.start();
    pool.setExtraUrls([added(node(1, () => height, GENESIS_S))]);
    await probe(3);
    servers[0]!.answer = dead;
    const failure = await failureOf(pool.attempt(ask));
    expect(failure).toBeInstanceOf(ChainUnreachableError);
    expect(failure).toMatchObject({ cause: { kind: "wrong-chain" } });
    expect(servers[1]!.requests.flat().map(({ method }) => method)).not.toContain("eth_gasPrice");
  });
});

describe("probes in the background", () => {
  test("bring the primary back after two good ones", async () => {
    poolOf(dead, healthy());
    pool.start();
    await pool.attempt(ask);
    servers[0]!.answer = healthy();
    await probe(1);
    expect(await pool.attempt(ask)).toBe("Base RPC 1");
    await probe(1);
    expect(await pool.attempt(ask)).toBe("Base RPC 0");
    expect(log.matching("Base RPC 0 is well again").length).toBe(1);
  });

  test("need good ones in a row", async () => {
    poolOf(dead, healthy());
    pool.start();
    await pool.attempt(ask);
    for (const answer of [healthy(), dead, healthy()]) {
      servers[0]!.answer = answer;
      await probe(1);
    }
    expect(await pool.attempt(ask)).toBe("Base RPC 1");
    await probe(1);
    expect(await pool.attempt(ask)).toBe("Base RPC 0");
  });

  test("do not bring back an endpoint of another chain", async () => {
    poolOf(dead, healthy());
    pool.start();
    await pool.attempt(ask);
    servers[0]!.answer = node(1, () => height, GENESIS_S);
    await probe(4);
    expect(await pool.attempt(ask)).toBe("Base RPC 1");
  });

  test("do not bring back an endpoint that lags behind what was seen", async () => {
    poolOf(dead, healthy());
    pool.start();
    await pool.attempt(look);
    servers[0]!.answer = healthy(100n);
    await probe(4);
    expect(await pool.attempt(look)).toBe("Base RPC 1");
  });

  test("find out that a standby is dead before it is needed", async () => {
    poolOf(healthy(), dead, healthy());
    pool.start();
    await pool.attempt(ask);
    await probe(5);
    expect(received()).toEqual([1, 0, 0]);
    await probe(1);
    expect(received()).toEqual([1, 1, 1]);
    expect(log.matching("Base RPC 1 does not answer probes").length).toBe(1);
    servers[0]!.answer = dead;
    expect(await pool.attempt(ask)).toBe("Base RPC 2");
    expect(received()).toEqual([2, 1, 2]);
  });

  test("of a flapping endpoint must be more each time, until it settles as a fallback", async () => {
    poolOf(dead, healthy());
    pool.start();
    const rounds: number[] = [];
    for (let flap = 0; flap < 7; flap++) {
      servers[0]!.answer = dead;
      await pool.attempt(ask);
      servers[0]!.answer = healthy();
      rounds.push(await roundsUntilWell());
    }
    expect(rounds).toEqual([2, 4, 8, 16, 32, 64, 64]);
  });

  test("forgive an endpoint that was well for more than ten minutes", async () => {
    poolOf(dead, healthy());
    pool.start();
    for (let flap = 0; flap < 3; flap++) {
      servers[0]!.answer = dead;
      await pool.attempt(ask);
      servers[0]!.answer = healthy();
      await roundsUntilWell();
    }
    await pool.attempt(ask);
    await probe(121);
    servers[0]!.answer = dead;
    await pool.attempt(ask);
    servers[0]!.answer = healthy();
    expect(await roundsUntilWell()).toBe(2);
  });

  test("an endpoint that came back for want of any other is not forgiven by that", async () => {
    poolOf(dead, healthy());
    pool.start();
    await probe(121);
    servers[0]!.answer = dead;
    servers[1]!.answer = dead;
    await failureOf(pool.attempt(ask));
    servers[0]!.answer = healthy();
    expect(await pool.attempt(ask)).toBe("Base RPC 0");
    servers[0]!.answer = dead;
    await failureOf(pool.attempt(ask));
    servers[0]!.answer = healthy();
    expect(await roundsUntilWell()).toBe(4);
  });

  test("start once and end when the pool stops", async () => {
    poolOf(dead, healthy());
    pool.start();
    pool.start();
    await pool.attempt(ask);
    await probe(1);
    expect(received()).toEqual([2, 1]);
    await pool.stop();
    await clock.advance(10 * PROBE_INTERVAL_MS);
    expect(received()).toEqual([2, 1]);
  });
});

describe("heads", () => {
  test("an endpoint behind what was seen is left for one that is not", async () => {
    poolOf(healthy(), healthy());
    await pool.attempt(look);
    lagBlocks = [100n, 0n];
    expect(await pool.attempt(look)).toBe("Base RPC 1");
    expect(failovers).toEqual([{ from: 0, to: 1, failure: "head-behind" }]);
  });

  test("an endpoint whose head stands still while another's moves is left", async () => {
    poolOf(healthy(100n), healthy());
    lagBlocks = [100n, 0n];
    await pool.attempt(look);
    await clock.advance(13_000);
    expect(await pool.attempt(look)).toBe("Base RPC 1");
    expect(failovers).toEqual([{ from: 0, to: 1, failure: "head-stalled" }]);
  });

  test("a chain that stands still everywhere is no endpoint's failure", async () => {
    poolOf(healthy(), healthy());
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await pool.attempt(look)).toBe("Base RPC 0");
      await clock.advance(13_000);
    }
    expect(failovers).toEqual([]);
  });

  test("a host clock one hour ahead makes no endpoint fail", async () => {
    poolOf(healthy(), healthy());
    clock.jumpWall(3_600_000);
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await pool.attempt(look)).toBe("Base RPC 0");
      height += 1n;
      await clock.advance(2_000);
    }
    expect(failovers).toEqual([]);
  });

  test("each HTTP request is reported, comparisons and failures included", async () => {
    poolOf(healthy(), healthy());
    clock.jumpWall(3_600_000);
    await pool.attempt(look);
    expect(httpRequests).toBe(2);
    expect(received()).toEqual([1, 1]);
  });
});
