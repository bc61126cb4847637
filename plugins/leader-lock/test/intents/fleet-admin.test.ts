import { describe, expect, test } from "bun:test";
import { StoreUnavailableError } from "@jeju-oracle/kit";
import { decodeLease } from "../../src/election/lease-record.ts";
import {
  APPROVAL,
  DIRECTIVE,
  FAILOVER_INTENT,
  ORACLE_LEASE,
  OVERRIDE_PREFIX,
  RESTART_PREFIX,
} from "../../src/fleet/names.ts";
import { IntentRefusedError } from "../../src/intents/errors.ts";
import { FleetAdmin } from "../../src/intents/fleet-admin.ts";
import {
  decodeApproval,
  decodeDirective,
  decodeFailover,
  decodeOverride,
  decodeRestart,
} from "../../src/intents/intent-records.ts";
import { identityOf, RecordedFleet, reportWith, twoBots } from "./support/fleet-records.ts";

const ASKED = { by: "ana@ops-1", reason: "kernel update" };

function leaseIn(fleet: RecordedFleet) {
  return decodeLease(fleet.value(ORACLE_LEASE) ?? "");
}

async function refusal(asked: Promise<unknown>): Promise<IntentRefusedError> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof IntentRefusedError) return error;
  throw new Error("it was not refused", { cause: error });
}

describe("failover", () => {
  test("is written for the present term, with who asked and why", async () => {
    const fleet = twoBots();
    const receipt = await new FleetAdmin(fleet.access()).failover({ to: "bot-2", ...ASKED });
    expect(receipt).toEqual({ id: expect.any(String), term: 6, leaderId: "bot-1" });
    expect(decodeFailover(fleet.value(FAILOVER_INTENT) ?? "")).toEqual({
      id: receipt.id,
      ...ASKED,
      timestamp: expect.any(Number),
      forTerm: 6,
      to: "bot-2",
    });
  });

  test("without a name leaves the choice to the leader, and replaces a request that was refused", async () => {
    const fleet = twoBots();
    const admin = new FleetAdmin(fleet.access());
    const first = await admin.failover({ to: "bot-2", ...ASKED });
    fleet.put(
      FAILOVER_INTENT,
      JSON.stringify({ ...first, ...ASKED, timestamp: 1, forTerm: 6, refused: "x" }),
    );
    const second = await admin.failover({ to: undefined, ...ASKED });
    const intent = decodeFailover(fleet.value(FAILOVER_INTENT) ?? "");
    expect(intent?.id).toBe(second.id);
    expect(intent?.to).toBeUndefined();
    expect(intent?.refused).toBeUndefined();
  });

  test("to a bot that is no member is refused and names the members; nothing is written", async () => {
    const fleet = twoBots();
    const error = await refusal(new FleetAdmin(fleet.access()).failover({ to: "bot-9", ...ASKED }));
    expect(error.message).toBe("there is no member bot-9");
    expect(error.nextStep).toBe("Name a member: members are bot-1, bot-2.");
    expect(fleet.value(FAILOVER_INTENT)).toBeUndefined();
  });

  test("to the leader, to one that never leads or to one that was stopped is refused", async () => {
    const fleet = twoBots();
    fleet.member(identityOf("bot-3"), { report: reportWith({ nofailover: true }) });
    fleet.member(identityOf("bot-4"), { stopped: true });
    const admin = new FleetAdmin(fleet.access());
    const why = async (to: string) => (await refusal(admin.failover({ to, ...ASKED }))).message;
    expect(await why("bot-1")).toBe("bot-1 leads already");
    expect(await why("bot-3")).toBe("bot-3 never leads (LEADER_NOFAILOVER)");
    expect(await why("bot-4")).toBe("bot-4 is not running");
    expect(fleet.value(FAILOVER_INTENT)).toBeUndefined();
  });

  test("to a member whose process is proved dead is refused", async () => {
    const fleet = twoBots();
    const admin = new FleetAdmin(fleet.access(), () => "dead");
    const error = await refusal(admin.failover({ to: "bot-2", ...ASKED }));
    expect(error.message).toBe("the process of bot-2 is dead");
    expect(error.nextStep).toContain("host-of-bot-2");
  });

  test("is refused while nobody leads, and in a store that never saw a fleet", async () => {
    const fleet = twoBots();
    fleet.lease(null);
    expect(
      (await refusal(new FleetAdmin(fleet.access()).failover({ to: undefined, ...ASKED }))).message,
    ).toBe("nobody leads at the moment");
    const empty = new RecordedFleet();
    const error = await refusal(new FleetAdmin(empty.access()).failover({ to: undefined, ...ASKED }));
    expect(error.nextStep).toContain("LEADER_LOCK_URL");
  });

  test("knows a leader whose own record was lost with a wipe", async () => {
    const fleet = new RecordedFleet();
    fleet.lease(identityOf("bot-1"));
    fleet.member(identityOf("bot-2"));
    const error = await refusal(new FleetAdmin(fleet.access()).failover({ to: "bot-9", ...ASKED }));
    expect(error.nextStep).toContain("bot-1, bot-2");
  });
});

describe("force-leader", () => {
  test("revokes the lease of the present leader and keeps all else that it says", async () => {
    const fleet = twoBots();
    const before = leaseIn(fleet);
    const receipt = await new FleetAdmin(fleet.access()).forceLeader({ to: "bot-2", ...ASKED });
    expect(receipt).toMatchObject({ term: 6, leaderId: "bot-1" });
    expect(leaseIn(fleet)).toEqual({
      ...before!,
      revoked: true,
      nominee: "bot-2",
      why: "forced to bot-2 by ana@ops-1: kernel update",
      nonce: receipt.id,
      timestamp: expect.any(Number),
    });
  });

  test("names the next leader of a lease that nobody holds, without revoking anything", async () => {
    const fleet = twoBots();
    fleet.lease(null);
    await new FleetAdmin(fleet.access()).forceLeader({ to: "bot-2", ...ASKED });
    expect(leaseIn(fleet)).toMatchObject({ holder: null, nominee: "bot-2", term: 6 });
    expect(leaseIn(fleet)?.revoked).toBeUndefined();
  });

  test("wins against renewals that come in between", async () => {
    const fleet = twoBots();
    let renewals = 0;
    fleet.server.faultOf = ({ kind }) => {
      if (kind === "cas" && renewals++ < 3) fleet.lease(identityOf("bot-1"));
      return undefined;
    };
    await new FleetAdmin(fleet.access()).forceLeader({ to: "bot-2", ...ASKED });
    expect(leaseIn(fleet)).toMatchObject({ revoked: true, nominee: "bot-2" });
  });

  test("is refused when another term began meanwhile", async () => {
    const fleet = twoBots();
    fleet.server.faultOf = ({ kind }) => {
      if (kind === "cas") fleet.lease(identityOf("bot-3"), { term: 7 });
      return undefined;
    };
    const error = await refusal(new FleetAdmin(fleet.access()).forceLeader({ to: "bot-2", ...ASKED }));
    expect(error.message).toContain("another term began");
    expect(leaseIn(fleet)?.nominee).toBeUndefined();
  });

  test("is done when its write landed unheard and was obeyed before it was repeated", async () => {
    const fleet = twoBots();
    let writes = 0;
    fleet.server.faultOf = ({ kind }) => {
      if (kind !== "cas") return undefined;
      writes++;
      if (writes === 1) return { drop: "reply" };
      fleet.lease(identityOf("bot-2"), { term: 7, why: leaseIn(fleet)?.why ?? "" });
      return undefined;
    };
    const receipt = await new FleetAdmin(fleet.access()).forceLeader({ to: "bot-2", ...ASKED });
    expect(receipt.term).toBe(6);
    expect(writes).toBe(2);
  });
});

describe("pause and resume", () => {
  test("are one record: the later replaces the earlier", async () => {
    const fleet = twoBots();
    const admin = new FleetAdmin(fleet.access());
    const pause = await admin.pause({ ...ASKED, untilChainTimeS: 1_800_000_000n });
    expect(decodeDirective(fleet.value(DIRECTIVE) ?? "")).toMatchObject({
      id: pause.id,
      kind: "pause",
      ...ASKED,
      untilChainTimeS: 1_800_000_000n,
    });
    const resume = await admin.resume(ASKED);
    expect(decodeDirective(fleet.value(DIRECTIVE) ?? "")).toMatchObject({ id: resume.id, kind: "resume" });
    expect(resume.id).not.toBe(pause.id);
  });

  test("need no living agent: what is written waits", async () => {
    const fleet = new RecordedFleet();
    const receipt = await new FleetAdmin(fleet.access()).pause(ASKED);
    expect(receipt).toMatchObject({ term: 0, leaderId: undefined });
    expect(decodeDirective(fleet.value(DIRECTIVE) ?? "")?.untilChainTimeS).toBeUndefined();
  });

  test("are written once although the reply of the store was lost", async () => {
    const fleet = twoBots();
    let lost = 0;
    fleet.server.faultOf = ({ kind }) => (kind === "cas" && lost++ === 0 ? { drop: "reply" } : undefined);
    const before = fleet.server.writes;
    await new FleetAdmin(fleet.access()).pause(ASKED);
    expect(fleet.server.writes - before).toBe(1);
  });

  test("throw before anything is written when the store does not answer", async () => {
    const fleet = twoBots();
    fleet.server.faultOf = () => ({ drop: "request" });
    const asked = new FleetAdmin(fleet.access()).pause(ASKED);
    expect(await asked.catch((error: unknown) => error)).toBeInstanceOf(StoreUnavailableError);
    expect(fleet.value(DIRECTIVE)).toBeUndefined();
  });

  test("do not fail after the write: the receipt needs the store no more", async () => {
    const fleet = twoBots();
    let written = false;
    fleet.server.faultOf = ({ kind }) => {
      if (written) return { drop: "request" };
      written = kind === "cas";
      return undefined;
    };
    const receipt = await new FleetAdmin(fleet.access()).pause(ASKED);
    expect(decodeDirective(fleet.value(DIRECTIVE) ?? "")?.id).toBe(receipt.id);
  });
});

describe("restart", () => {
  test("means exactly the process that runs now", async () => {
    const fleet = twoBots();
    const receipt = await new FleetAdmin(fleet.access()).restart({ botId: "bot-2", ...ASKED });
    expect(decodeRestart(fleet.value(`${RESTART_PREFIX}bot-2`) ?? "")).toMatchObject({
      id: receipt.id,
      botId: "bot-2",
      incarnation: "bot-2-first",
    });
  });

  test("of an unknown, a stopped or a dead process is refused with what to do instead", async () => {
    const fleet = twoBots();
    fleet.member(identityOf("bot-4"), { stopped: true });
    const admin = new FleetAdmin(fleet.access());
    expect((await refusal(admin.restart({ botId: "bot-9", ...ASKED }))).nextStep).toContain("bot-1, bot-2");
    expect((await refusal(admin.restart({ botId: "bot-4", ...ASKED }))).nextStep).toBe(
      "Start its service on host-of-bot-4.",
    );
    const sure = new FleetAdmin(fleet.access(), () => "dead");
    expect((await refusal(sure.restart({ botId: "bot-2", ...ASKED }))).message).toContain("dead");
    expect(fleet.server.list(RESTART_PREFIX)).toEqual([]);
  });
});

describe("set", () => {
  test("writes one record per name, and clears it", async () => {
    const fleet = twoBots();
    const admin = new FleetAdmin(fleet.access());
    const name = "max-gas-price-gwei";
    const until = { untilChainTimeS: 1_800_000_000n };
    await admin.set({ name, value: "200", ...until, ...ASKED });
    await admin.set({ name, value: "250", ...until, ...ASKED });
    await admin.set({ name: "extra-base-rpc", value: "https://rpc.example.com", ...until, ...ASKED });
    expect(decodeOverride(fleet.value(`${OVERRIDE_PREFIX}${name}`) ?? "")).toMatchObject({
      name,
      value: "250",
      ...until,
    });
    await admin.set({ name, value: undefined, ...until, ...ASKED });
    expect(fleet.server.list(OVERRIDE_PREFIX)).toHaveLength(1);
    await admin.set({ name, value: undefined, ...until, ...ASKED });
  });
});

test("an approval is one record with the prices and the update that the approver saw; the later replaces the earlier", async () => {
  const fleet = twoBots();
  const admin = new FleetAdmin(fleet.access());
  const move = {
    ethUsd8: 400_000_000_000n,
    elizaUsd8: 8_420_000n,
    lastUpdateS: 1_700_000_000n,
    untilChainTimeS: 1_700_000_300n,
  };
  await admin.approve({ ...ASKED, ...move });
  const receipt = await admin.approve({ ...ASKED, ...move, ethUsd8: 410_000_000_000n });
  expect(decodeApproval(fleet.value(APPROVAL) ?? "")).toEqual({
    id: receipt.id,
    ...ASKED,
    ...move,
    ethUsd8: 410_000_000_000n,
    timestamp: expect.any(Number),
  });
});

test("a record that others change without end is given up with a reason", async () => {
  const fleet = twoBots();
  let turn = 0;
  fleet.server.faultOf = ({ kind }) => {
    if (kind === "cas") fleet.put(DIRECTIVE, `somebody else's ${turn++}`);
    return undefined;
  };
  expect((await refusal(new FleetAdmin(fleet.access()).resume(ASKED))).message).toContain("changes too fast");
});
