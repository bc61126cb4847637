import { describe, expect, test } from "bun:test";
import { ConfigError } from "@jeju-oracle/kit";
import { loadLeaderLockConfig } from "../src/config.ts";
import { StandaloneLeadership } from "../src/standalone-leadership.ts";

describe("leadership without an election", () => {
  test("is granted for any duration, at term 0", () => {
    const leadership = new StandaloneLeadership("bot-1");
    expect(leadership.guard(0)).toEqual({ granted: true, term: 0 });
    expect(leadership.guard(Number.MAX_SAFE_INTEGER)).toEqual({ granted: true, term: 0 });
    expect(leadership.leadershipStatus()).toEqual({ role: "standalone", term: 0, leaderId: "bot-1" });
  });

  test("is refused once the agent drains", () => {
    const leadership = new StandaloneLeadership("bot-1");
    leadership.drain();
    leadership.drain();
    expect(leadership.guard(0)).toEqual({ granted: false, leaderId: undefined, reason: "draining" });
    expect(leadership.leadershipStatus().leaderId).toBeUndefined();
  });
});

describe("LEADER_ELECTION_ENABLED", () => {
  test("is false by default", () => {
    expect(loadLeaderLockConfig({})).toEqual({ election: "standalone" });
    expect(loadLeaderLockConfig({ LEADER_ELECTION_ENABLED: "false" })).toEqual({ election: "standalone" });
  });

  test("true is refused, saying what still protects the price", () => {
    expect(() => loadLeaderLockConfig({ LEADER_ELECTION_ENABLED: "true" })).toThrow(ConfigError);
    expect(() => loadLeaderLockConfig({ LEADER_ELECTION_ENABLED: "true" })).toThrow(
      "LEADER_ELECTION_ENABLED: this version has no election yet; set it to false: " +
        "the fence on chain still admits one update per decision (example: LEADER_ELECTION_ENABLED=false)",
    );
  });
});
