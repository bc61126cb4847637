import { describe, expect, test } from "bun:test";
import { homedir } from "node:os";
import { ConfigError, type Env, EXIT_CONFIG, formatProblem } from "@jeju-oracle/kit";
import { type ElectedConfig, loadLeaderLockConfig, loadStoreConfig } from "../../src/config.ts";

function elected(env: Env): ElectedConfig {
  const config = loadLeaderLockConfig(env);
  if (config.election !== "elected") throw new Error("election is off");
  return config;
}

function linesOf(env: Env, load: (env: Env) => unknown = loadLeaderLockConfig): readonly string[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(formatProblem);
    throw error;
  }
  return [];
}

const URL_EXAMPLE = " (example: LEADER_LOCK_URL=postgres://oracle@db.example.com/oracle)";
const KNOWN = "known are file, postgres, postgresql, etcd";

describe("without any variable", () => {
  test("agents of one host elect a leader beside the seed's lock file", () => {
    expect(loadLeaderLockConfig({})).toEqual({
      election: "elected",
      storeUrl: "file:///tmp/oracle-bot-leader.lock",
      lockFile: "/tmp/oracle-bot-leader.lock",
      timing: { ttlMs: 20_000, renewMs: 5_000, marginMs: 4_000, opTimeoutMs: 3_000, pollMs: 1_000 },
      priority: 100,
      nofailover: false,
      unhealthyResignMs: 30_000,
      fallbackAfterMs: 300_000 + 20_000 + 10_000,
      fallbackRankOffsetMs: 15_000,
    });
  });
});

describe("what is set", () => {
  test("the profile gives the times, and each can be set by itself", () => {
    expect(elected({ LEADER_LOCK_PROFILE: "classic" }).timing).toEqual({
      ttlMs: 120_000,
      renewMs: 30_000,
      marginMs: 10_000,
      opTimeoutMs: 10_000,
      pollMs: 5_000,
    });
    expect(
      elected({
        LEADER_LOCK_TTL_MS: "4400",
        LEADER_LOCK_RENEW_MS: "1000",
        LEADER_LOCK_MARGIN_MS: "400",
        LEADER_LOCK_OP_TIMEOUT_MS: "500",
        LEADER_LOCK_POLL_MS: "200",
      }).timing,
    ).toEqual({ ttlMs: 4_400, renewMs: 1_000, marginMs: 400, opTimeoutMs: 500, pollMs: 200 });
  });

  test("fallback begins after heartbeat, ttl and 10 s, or when it is told to", () => {
    expect(elected({ UPDATE_INTERVAL_MS: "60000" }).fallbackAfterMs).toBe(60_000 + 20_000 + 10_000);
    expect(elected({ UPDATE_INTERVAL_MS: "60000", FALLBACK_AFTER_MS: "80001" }).fallbackAfterMs).toBe(80_001);
  });

  test("a heartbeat that is malformed is the price loop's to refuse: its default counts here", () => {
    expect(elected({ UPDATE_INTERVAL_MS: "soon" }).fallbackAfterMs).toBe(330_000);
  });

  test("the lock file may be in the home directory or relative, and its store is beside it", () => {
    expect(elected({ LEADER_LOCK_FILE: "~/leader.lock" })).toMatchObject({
      lockFile: `${homedir()}/leader.lock`,
      storeUrl: `file://${homedir()}/leader.lock`,
    });
    expect(elected({ LEADER_LOCK_FILE: "run/leader.lock" }).lockFile).toBe(
      `${process.cwd()}/run/leader.lock`,
    );
  });

  test("a lock file with characters that mean something in a URL has its store beside it all the same", () => {
    const { storeUrl, lockFile } = elected({ LEADER_LOCK_FILE: "/tmp/100% #1?.lock" });
    expect(lockFile).toBe("/tmp/100% #1?.lock");
    expect(Bun.fileURLToPath(storeUrl)).toBe(lockFile);
  });

  test.each([
    "file:///var/lib/oracle/leader.lock",
    "postgres://oracle@db.example.com/oracle",
    "postgresql://oracle:p%40ss@[::1]:5433/oracle?sslmode=require",
    "etcd://etcd-1:2379",
    "etcd://etcd-1:2379,etcd-2:2379,etcd-3:2379/oracle?tls=true",
  ])("%s names a store", (url) => {
    expect(elected({ LEADER_LOCK_URL: url }).storeUrl).toBe(url);
  });
});

describe("without an election", () => {
  test("nothing about leases is looked at", () => {
    expect(
      loadLeaderLockConfig({ LEADER_ELECTION_ENABLED: "false", LEADER_LOCK_URL: "redis://nowhere" }),
    ).toEqual({ election: "standalone" });
  });

  test("the command line still needs a store that it can reach", () => {
    const off = { LEADER_ELECTION_ENABLED: "false" };
    expect(loadStoreConfig(off).storeUrl).toBe("file:///tmp/oracle-bot-leader.lock");
    expect(linesOf({ ...off, LEADER_LOCK_URL: "redis://nowhere" }, loadStoreConfig)).toEqual([
      `LEADER_LOCK_URL: names an unknown store redis; ${KNOWN}${URL_EXAMPLE}`,
    ]);
  });
});

describe("bad input ends with exit code 78, naming the variable, the fault and the cure", () => {
  test("78 is EX_CONFIG of sysexits.h", () => {
    expect(EXIT_CONFIG).toBe(78);
  });

  const cases: readonly [string, Env, readonly string[]][] = [
    [
      "times that a leader cannot renew in, with the sum",
      { LEADER_LOCK_TTL_MS: "14999" },
      [
        "LEADER_LOCK_TTL_MS: is 14999, but renew 5000 + 2 x op timeout 3000 + margin 4000 = 15000: " +
          "a leader could not renew in time (example: LEADER_LOCK_TTL_MS=15000)",
      ],
    ],
    ["times that fit exactly", { LEADER_LOCK_TTL_MS: "15000" }, []],
    [
      "times that leave a leader no time to push before its renewal, with the sum",
      { LEADER_LOCK_TTL_MS: "11999", LEADER_LOCK_OP_TIMEOUT_MS: "1000" },
      [
        "LEADER_LOCK_TTL_MS: is 11999, but renew 5000 + push 3000 + margin 4000 = 12000: a leader could rarely push " +
          "(example: LEADER_LOCK_TTL_MS=12000)",
      ],
    ],
    ["times that just leave it", { LEADER_LOCK_TTL_MS: "12000", LEADER_LOCK_OP_TIMEOUT_MS: "1000" }, []],
    [
      "a fallback beside a leader that is only failing over, with the sum",
      { FALLBACK_AFTER_MS: "320000" },
      [
        "FALLBACK_AFTER_MS: is 320000, but must be more than heartbeat 300000 + ttl 20000 = 320000: " +
          "agents would push beside a leader that is only failing over (example: FALLBACK_AFTER_MS=330000)",
      ],
    ],
    ["a fallback one millisecond later", { FALLBACK_AFTER_MS: "320001" }, []],
    [
      "both sums at once, with the profile's and the price loop's times in them",
      {
        LEADER_LOCK_PROFILE: "classic",
        LEADER_LOCK_RENEW_MS: "100000",
        UPDATE_INTERVAL_MS: "60000",
        FALLBACK_AFTER_MS: "70000",
      },
      [
        "LEADER_LOCK_TTL_MS: is 120000, but renew 100000 + 2 x op timeout 10000 + margin 10000 = 130000: " +
          "a leader could not renew in time (example: LEADER_LOCK_TTL_MS=130000)",
        "FALLBACK_AFTER_MS: is 70000, but must be more than heartbeat 60000 + ttl 120000 = 180000: " +
          "agents would push beside a leader that is only failing over (example: FALLBACK_AFTER_MS=190000)",
      ],
    ],
    [
      "polls that are rarer than renewals",
      { LEADER_LOCK_POLL_MS: "5001" },
      [
        "LEADER_LOCK_POLL_MS: is 5001, but must be at most renew 5000: a follower would miss renewals and report " +
          "too late (example: LEADER_LOCK_POLL_MS=5000)",
      ],
    ],
    [
      "an unknown store",
      { LEADER_LOCK_URL: "redis://cache:6379" },
      [`LEADER_LOCK_URL: names an unknown store redis; ${KNOWN}${URL_EXAMPLE}`],
    ],
    [
      "a path instead of a URL",
      { LEADER_LOCK_URL: "/tmp/oracle-bot-leader.lock" },
      [`LEADER_LOCK_URL: is not a URL; ${KNOWN}${URL_EXAMPLE}`],
    ],
    [
      "a file URL with two slashes",
      { LEADER_LOCK_URL: "file://tmp/oracle-bot-leader.lock" },
      [`LEADER_LOCK_URL: names a host: the path of a file URL begins after three slashes${URL_EXAMPLE}`],
    ],
    [
      "a file URL that names a directory",
      { LEADER_LOCK_URL: "file:///tmp/" },
      [`LEADER_LOCK_URL: names no file${URL_EXAMPLE}`],
    ],
    [
      "a file URL with an open #",
      { LEADER_LOCK_URL: "file:///tmp/a#1" },
      [`LEADER_LOCK_URL: has a ? or # that is not percent-encoded${URL_EXAMPLE}`],
    ],
    [
      "a file URL with a hidden slash",
      { LEADER_LOCK_URL: "file:///tmp%2Fleader.lock" },
      [`LEADER_LOCK_URL: has a path with an encoded slash${URL_EXAMPLE}`],
    ],
    [
      "a database without a user",
      { LEADER_LOCK_URL: "postgres://db.example.com/oracle" },
      [`LEADER_LOCK_URL: the URL of the PostgreSQL store names no user${URL_EXAMPLE}`],
    ],
    [
      "an etcd without a host",
      { LEADER_LOCK_URL: "etcd://" },
      [`LEADER_LOCK_URL: the URL of the etcd store names no host, or has a comma too many${URL_EXAMPLE}`],
    ],
    [
      "an unknown profile",
      { LEADER_LOCK_PROFILE: "slow" },
      ["LEADER_LOCK_PROFILE: must be fast or classic (example: LEADER_LOCK_PROFILE=classic)"],
    ],
    [
      "an election that is neither on nor off",
      { LEADER_ELECTION_ENABLED: "yes" },
      ["LEADER_ELECTION_ENABLED: must be true or false (example: LEADER_ELECTION_ENABLED=true)"],
    ],
    [
      "numbers out of range",
      { LEADER_LOCK_TTL_MS: "499", LEADER_PRIORITY: "1001", FALLBACK_RANK_OFFSET_MS: "-1" },
      [
        "LEADER_LOCK_TTL_MS: must be between 500 and 3600000 (example: LEADER_LOCK_TTL_MS=20000)",
        "LEADER_PRIORITY: must be between 0 and 1000 (example: LEADER_PRIORITY=100)",
        "FALLBACK_RANK_OFFSET_MS: must be a whole number (example: FALLBACK_RANK_OFFSET_MS=15000)",
      ],
    ],
  ];
  test.each(cases)("%s", (_what, env, lines) => {
    expect(linesOf(env)).toEqual([...lines]);
  });

  test("a password never reaches a line", () => {
    for (const url of [
      "postgres://oracle:hunter2hunter2@/oracle",
      "postgres://oracle:hunter2hunter2@db/oracle?pass=1",
      "postgresq://oracle:hunter2hunter2@db/oracle",
      "oracle:hunter2hunter2@db",
      "etcd://:hunter2hunter2@etcd-1",
      "file://oracle:hunter2hunter2@host/lock",
    ]) {
      const lines = linesOf({ LEADER_LOCK_URL: url });
      expect(lines).toHaveLength(1);
      expect(lines.join()).not.toContain("hunter2");
    }
  });
});
