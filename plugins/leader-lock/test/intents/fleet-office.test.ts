import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, StoreUnavailableError, silentLogger, systemClock } from "@jeju-oracle/kit";
import { recordTerm } from "../../src/fleet/history.ts";
import { encodeReport } from "../../src/fleet/member-record.ts";
import { FAILOVER_INTENT } from "../../src/fleet/names.ts";
import { fleetOffice, openFleetOffice } from "../../src/fleet-office.ts";
import { ownProcess } from "../../src/identity/own-identity.ts";
import { identityOf, RecordedFleet, reportWith, TIMING, twoBots } from "./support/fleet-records.ts";

const NEVER = new AbortController().signal;
const ASKED = { by: "ana@ops-1", reason: "drill" };

function officeOf(fleet: RecordedFleet) {
  return fleetOffice(fleet.access(), TIMING);
}

describe("the report", () => {
  test("takes a leader's word from its lease and a follower's from its own record", async () => {
    const fleet = twoBots();
    fleet.lease(identityOf("bot-1"), {
      timestamp: 9_000,
      report: encodeReport(reportWith({ directiveId: "newer" })),
    });
    const { store, lease, members } = await officeOf(fleet).report();
    expect(store).toBe("memory://");
    expect(lease).toMatchObject({ term: 6, holder: { botId: "bot-1" } });
    expect(members.map(({ identity, leads }) => [identity.botId, leads])).toEqual([
      ["bot-1", true],
      ["bot-2", false],
    ]);
    expect(members[0]).toMatchObject({ timestamp: 9_000, report: { directiveId: "newer" } });
    expect(members[1]).toMatchObject({ timestamp: 1_000, report: { chainEthUsd8: 310_000_000_000n } });
  });

  test("keeps the own record of a leader whose lease tells nothing that can be read", async () => {
    const fleet = twoBots();
    fleet.lease(identityOf("bot-1"), { timestamp: 9_000, report: { healthy: "perhaps" } });
    expect((await officeOf(fleet).report()).members[0]).toMatchObject({ leads: true, timestamp: 1_000 });
  });

  test("does not take a restarted process for the leader that it was", async () => {
    const fleet = twoBots();
    fleet.member(identityOf("bot-1", "second"));
    const { members } = await officeOf(fleet).report();
    expect(members[0]).toMatchObject({ identity: { incarnation: "second" }, leads: false });
    expect(members).toHaveLength(2);
  });

  test("lists a leader whose own record is missing", async () => {
    const fleet = new RecordedFleet();
    fleet.lease(identityOf("bot-1"));
    expect((await officeOf(fleet).report()).members).toMatchObject([
      { identity: { botId: "bot-1" }, leads: true, stopped: false },
    ]);
  });

  test("proves death on this host, and nothing about other hosts", async () => {
    const own = ownProcess();
    const fleet = new RecordedFleet();
    const child = Bun.spawn(["true"]);
    await child.exited;
    fleet.member({ ...identityOf("bot-1"), process: own! });
    fleet.member({ ...identityOf("bot-2"), process: { ...own!, pid: child.pid } });
    fleet.member({ ...identityOf("bot-3"), process: { ...own!, bootId: "another boot" } });
    fleet.member(identityOf("bot-4"));
    const { members } = await officeOf(fleet).report();
    expect(members.map(({ liveness }) => liveness)).toEqual(["alive", "dead", "unknown", "unknown"]);
  });

  test("leaves out records that cannot be read, and is empty for an empty store", async () => {
    const fleet = twoBots();
    fleet.put("fleet/member/bot-3", "not JSON");
    fleet.put(FAILOVER_INTENT, "{}");
    expect((await officeOf(fleet).report()).members).toHaveLength(2);
    expect((await officeOf(fleet).report()).failover).toBeUndefined();
    expect(await officeOf(new RecordedFleet()).report()).toMatchObject({ lease: undefined, members: [] });
  });

  test("tells orders, overrides and a failover that waits", async () => {
    const fleet = twoBots();
    const office = officeOf(fleet);
    const pause = await office.control.pause(ASKED);
    await office.control.failover({ to: "bot-2", ...ASKED });
    await office.control.set({ name: "max-gas-price-gwei", value: "200", untilChainTimeS: 5n, ...ASKED });
    const { orders, failover } = await office.report();
    expect(orders.directive).toMatchObject({ id: pause.id, kind: "pause", ...ASKED });
    expect(orders.overrides).toMatchObject([{ name: "max-gas-price-gwei", value: "200" }]);
    expect(failover).toMatchObject({ to: "bot-2", forTerm: 6 });
  });
});

describe("waiting for a change", () => {
  test("ends with the change, not with its deadline", async () => {
    const fleet = twoBots();
    const office = officeOf(fleet);
    await office.report();
    const changed = office.changed(60_000, NEVER);
    fleet.lease(null);
    await changed;
    expect((await office.report()).lease?.holder).toBeNull();
  });

  test("sees a change that came between the report and the wait", async () => {
    const fleet = twoBots();
    const office = officeOf(fleet);
    await office.changed(1, NEVER);
    await office.report();
    fleet.lease(null);
    await Promise.resolve();
    await office.changed(60_000, NEVER);
  });

  test("is not ended by a change that the latest report has seen", async () => {
    const fleet = twoBots();
    const office = officeOf(fleet);
    await office.changed(1, NEVER);
    fleet.lease(null);
    await office.changed(60_000, NEVER);
    await office.report();
    const waiting = office.changed(60_000, NEVER);
    await new Promise((resolve) => setImmediate(resolve));
    expect(Bun.peek.status(waiting)).toBe("pending");
    await office.close();
    await waiting;
  });

  test("ends at its deadline, with the signal, and when the office closes", async () => {
    const office = officeOf(twoBots());
    await office.report();
    await office.changed(1, NEVER);
    await office.changed(60_000, AbortSignal.abort());
    const waiting = office.changed(60_000, NEVER);
    await office.close();
    await waiting;
    expect(await office.report().catch((error: unknown) => error)).toBeInstanceOf(StoreUnavailableError);
  });
});

describe("opened by environment", () => {
  const directory = mkdtempSync(join(tmpdir(), "fleet-office-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const LEADER_LOCK_FILE = join(directory, "leader.lock");
  const open = (env: Record<string, string>) =>
    openFleetOffice({ LEADER_LOCK_FILE, ...env }, systemClock, silentLogger);

  test("reads without leaving a trace, and needs nothing of an agent's configuration", async () => {
    const office = await open({});
    expect(await office.report()).toMatchObject({ store: `file://${LEADER_LOCK_FILE}`, members: [] });
    expect(await office.history()).toEqual([]);
    await office.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  test("sees what an earlier office wrote", async () => {
    const writer = await open({});
    await writer.control.pause(ASKED);
    await writer.close();
    const reader = await open({});
    expect((await reader.report()).orders.directive).toMatchObject({ kind: "pause", ...ASKED });
    await reader.close();
  });

  test("names wrong variables, also on a host whose agents elect no leader", async () => {
    const error = await open({
      LEADER_LOCK_URL: "redis://somewhere",
      LEADER_ELECTION_ENABLED: "false",
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain("LEADER_LOCK_URL: names an unknown store redis");
  });
});

test("the history comes from the same store", async () => {
  const fleet = twoBots();
  const entry = { term: 6, leader: "bot-1", host: "ops-1", from: null, why: "released", timestamp: 5 };
  await recordTerm(fleet.access(), entry);
  expect(await officeOf(fleet).history()).toEqual([entry]);
});
