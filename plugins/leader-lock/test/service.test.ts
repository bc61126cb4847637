import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IAgentRuntime } from "@elizaos/core";
import {
  ConfigError,
  createAgentContext,
  type Env,
  InvariantError,
  provideAgentContext,
} from "@jeju-oracle/kit";
import { CoordinationService, FleetService, LeadershipService } from "../src/service.ts";

const directory = mkdtempSync(join(tmpdir(), "leader-service-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A runtime in which no other plugin runs. */
function runtimeWith(env: Env): IAgentRuntime {
  const runtime = { getService: () => null } as unknown as IAgentRuntime;
  provideAgentContext(runtime, createAgentContext({ BOT_ID: "a", LOG_LEVEL: "error", ...env }));
  return runtime;
}

async function until(holds: () => boolean): Promise<void> {
  const overdueMs = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > overdueMs) throw new Error("not within 20 s");
    await Bun.sleep(10);
  }
}

describe("the services of one runtime", () => {
  test("are faces of one election, over real files", async () => {
    const lockFile = join(directory, "leader.lock");
    const runtime = runtimeWith({ LEADER_LOCK_FILE: lockFile });
    const leadership = await LeadershipService.start(runtime);
    const fleet = await FleetService.start(runtime);
    const coordination = await CoordinationService.start(runtime);
    await until(() => leadership.guard(0).granted);
    expect(leadership.leadershipStatus()).toMatchObject({ role: "leader", term: 1, leaderId: "a" });
    expect(fleet.members()).toMatchObject([{ botId: "a", role: "leader", alive: true }]);
    expect([fleet.storeReachable(), fleet.storeShared()]).toEqual([true, true]);
    expect(existsSync(lockFile)).toBe(true);

    const asker = { by: "ops", reason: "drill" };
    const refused = await fleet.failover({ ...asker, to: "z" }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "intent-refused" });
    expect(await fleet.pause(asker)).toMatchObject({ term: 1, leaderId: "a" });
    expect(await coordination.records.cas("chat/x", null, "value")).toMatchObject({ won: true });
    expect(coordination.chatLease.holds()).toBe(false);
    coordination.chatLease.start();
    await until(() => coordination.chatLease.holds());

    await fleet.stop();
    expect(leadership.guard(0).granted).toBe(true);
    await leadership.stop();
    expect(leadership.guard(0)).toMatchObject({ granted: false, reason: "draining" });
    // Whoever answers the chats ends after the lead, and may write to the last.
    expect(coordination.chatLease.holds()).toBe(true);
    expect(await coordination.records.cas("chat/y", null, "last words")).toMatchObject({ won: true });
    await coordination.stop();
    expect(coordination.chatLease.holds()).toBe(false);
    expect(await coordination.records.read("chat/y").catch((error: unknown) => error)).toBeInstanceOf(Error);
  });

  test("let the lead go although only the last of them is stopped", async () => {
    const runtime = runtimeWith({ LEADER_LOCK_FILE: join(directory, "other.lock") });
    const leadership = await LeadershipService.start(runtime);
    const coordination = await CoordinationService.start(runtime);
    await until(() => leadership.guard(0).granted);
    await coordination.stop();
    expect(leadership.guard(0)).toMatchObject({ granted: false, reason: "draining" });
  });

  test("without an election act alone, and refuse what needs a fleet", async () => {
    const runtime = runtimeWith({ LEADER_ELECTION_ENABLED: "false" });
    const leadership = await LeadershipService.start(runtime);
    const fleet = await FleetService.start(runtime);
    const coordination = await CoordinationService.start(runtime);
    expect(leadership.guard(0)).toEqual({ granted: true, as: "standalone", term: 0 });
    expect(coordination.records.available).toBe(false);
    expect(await fleet.pause({ by: "ops", reason: "drill" }).catch((error: unknown) => error)).toMatchObject({
      code: "intent-refused",
    });
    await leadership.stop();
    expect(leadership.guard(0).granted).toBe(false);
  });

  test("do not start with a configuration that is wrong", async () => {
    const runtime = runtimeWith({ LEADER_LOCK_URL: "redis://x" });
    for (const service of [LeadershipService, FleetService, CoordinationService]) {
      expect(await service.start(runtime).catch((error: unknown) => error)).toBeInstanceOf(ConfigError);
    }
  });

  test("are built by their runtime alone", () => {
    for (const Service of [LeadershipService, FleetService, CoordinationService]) {
      expect(() => new Service()).toThrow(InvariantError);
    }
  });
});
