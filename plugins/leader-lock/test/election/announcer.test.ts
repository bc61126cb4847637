import { describe, expect, test } from "bun:test";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { Registry } from "prom-client";
import { Announcer, type ElectionNews } from "../../src/election/announcer.ts";
import { readHistory } from "../../src/fleet/history.ts";
import { createLeadershipMetrics } from "../../src/metrics.ts";
import { identityOf } from "../fleet/support/listings.ts";
import { MemoryStoreServer } from "../support/memory-store.ts";

function make() {
  const log = captureLog();
  const registry = new Registry();
  const server = new MemoryStoreServer();
  const metrics = createLeadershipMetrics(registry, {
    isLeader: () => false,
    term: () => 0,
    expiresInS: () => 0,
    membersAlive: () => 0,
    priceDivergenceBps: () => 0,
    storeReachable: () => false,
  });
  const access = { store: server.client(), clock: new SimulatedClock(), opTimeoutMs: 1_000 };
  const announcer = new Announcer(identityOf("a"), log.logger, metrics, access);
  return { log, registry, server, access, announcer };
}

const elected = (how: Extract<ElectionNews, { kind: "elected" }>["how"], from?: string): ElectionNews => ({
  kind: "elected",
  term: 4,
  from,
  why: "because",
  how,
});

describe("an election", () => {
  test.each([
    ["dead", "b", true],
    ["expired", "b", true],
    ["released", "b", false],
    ["own", "a", false],
    ["empty", undefined, false],
  ] as const)("won as %s is told in the words that operators search for", (how, from, tellsOfDeath) => {
    const { announcer, log } = make();
    announcer.tell(elected(how, from));
    expect(log.matching('"Bot a became leader"')).toHaveLength(1);
    expect(log.matching('"Previous leader b is dead, taking over"')).toHaveLength(tellsOfDeath ? 1 : 0);
  });

  test("is counted and written into the history", async () => {
    const { announcer, registry, access } = make();
    announcer.tell(elected("expired", "b"));
    await access.clock.advance(0);
    expect(await registry.metrics()).toContain('oracle_leader_elections_total{how="expired"} 1');
    expect(await readHistory(access)).toMatchObject([{ term: 4, leader: "a", from: "b", why: "because" }]);
  });

  test("stands although the history cannot be written", async () => {
    const { announcer, access, server, log } = make();
    server.faultOf = () => ({ drop: "request" });
    announcer.tell(elected("expired", "b"));
    await access.clock.advance(10_000);
    expect(log.matching("The term could not be written to the history")).toHaveLength(1);
  });
});

describe("an end, or a claim that came to nothing,", () => {
  test.each<[ElectionNews, string, 0 | 1]>([
    [{ kind: "demoted", term: 4, why: "stop", voluntary: true }, "Bot a no longer leads", 0],
    [{ kind: "demoted", term: 4, why: "late", voluntary: false }, "Bot a no longer leads", 1],
    [{ kind: "claim-failed", why: "store-unavailable" }, "A claim of the lead did not succeed", 1],
    [{ kind: "claim-failed", why: "lost-race" }, "A claim of the lead did not succeed", 0],
  ])("is told, and counted as a failure only if it is one: %j", async (news, line, failures) => {
    const { announcer, log, registry } = make();
    announcer.tell(news);
    expect(log.matching(line)).toHaveLength(1);
    expect(await registry.metrics()).toContain(`oracle_leader_election_failures_total ${failures}`);
  });
});
