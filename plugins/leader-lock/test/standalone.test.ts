import { describe, expect, test } from "bun:test";
import { Registry } from "prom-client";
import { Standalone } from "../src/standalone.ts";

describe("leadership without an election", () => {
  test("is granted for any duration, at term 0", () => {
    const leadership = new Standalone("bot-1", new Registry());
    expect(leadership.guard(0)).toEqual({ granted: true, as: "standalone", term: 0 });
    expect(leadership.guard(Number.MAX_SAFE_INTEGER)).toMatchObject({ granted: true });
    expect(leadership.leadershipStatus()).toMatchObject({ role: "standalone", term: 0, leaderId: "bot-1" });
  });

  test("is refused once the agent stops", async () => {
    const leadership = new Standalone("bot-1", new Registry());
    await leadership.stopLeading();
    await leadership.stopLeading();
    expect(leadership.guard(0)).toEqual({ granted: false, leaderId: undefined, reason: "draining" });
    expect(leadership.leadershipStatus().leaderId).toBeUndefined();
  });

  test("says in oracle_is_leader that the agent acts", async () => {
    const registry = new Registry();
    const leadership = new Standalone("bot-1", registry);
    expect(await registry.metrics()).toContain("oracle_is_leader 1");
    await leadership.stopLeading();
    expect(await registry.metrics()).toContain("oracle_is_leader 0");
  });

  test("has no fleet to ask: the refusal says which variables make one", async () => {
    const standalone = new Standalone("bot-1", new Registry());
    expect(standalone.members()).toEqual([]);
    const fleet = standalone.control;
    const asker = { by: "ops", reason: "drill" };
    for (const asked of [
      fleet.failover({ ...asker, to: undefined }),
      fleet.forceLeader({ ...asker, to: "bot-2" }),
      fleet.pause(asker),
      fleet.resume(asker),
      fleet.restart({ ...asker, botId: "bot-1" }),
      fleet.set({ ...asker, name: "max-gas-price-gwei", value: undefined, untilChainTimeS: 0n }),
    ]) {
      expect(await asked.catch((error: unknown) => error)).toMatchObject({
        code: "intent-refused",
        nextStep: "Set LEADER_ELECTION_ENABLED=true and LEADER_LOCK_URL on every host.",
      });
    }
  });
});
