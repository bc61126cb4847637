/** The variables of leadership: each with its unit, default and source. */
import { defineEnv, envTypes } from "@jeju-oracle/kit";
import { z } from "zod";

const DEFAULT_LOCK_FILE = "/tmp/oracle-bot-leader.lock";
const LONGEST_MS = 3_600_000;

const optionalMs = (min: number) => envTypes.integer(min, LONGEST_MS).optional();

/** Every variable this plugin reads. */
export const leaderLockEnv = defineEnv({
  LEADER_ELECTION_ENABLED: {
    schema: envTypes.boolean(),
    about:
      "Whether agents elect one leader. Without it every agent may push, and the fence on chain admits one.",
    example: "true",
    default: "true",
    source: "running deployment",
  },
  LEADER_LOCK_URL: {
    schema: z.string(),
    about:
      "Where agents meet: `file:///path` for agents of one host, `postgres://user@host/db` or `etcd://host:2379` for several.",
    example: "postgres://oracle@db.example.com/oracle",
    defaultText: "`file://` and LEADER_LOCK_FILE",
    default: "",
    secret: true,
    source: "seed: Leader Election Mechanism",
  },
  LEADER_LOCK_FILE: {
    schema: envTypes.string(),
    about:
      "File that shows who leads, on every host and with every store; removing it asks for another leader.",
    example: DEFAULT_LOCK_FILE,
    default: DEFAULT_LOCK_FILE,
    source: "seed: Leader Election Mechanism",
    perHost: true,
  },
  LEADER_LOCK_PROFILE: {
    schema: z.enum(["fast", "classic"], { error: "must be fast or classic" }),
    about: "Times of the lease: fast (20 s, renewed every 5 s) or classic (120 s, renewed every 30 s).",
    example: "classic",
    default: "fast",
    source: "seed: Leader Election Mechanism (classic)",
  },
  LEADER_LOCK_TTL_MS: {
    schema: optionalMs(500),
    about: "Time in ms after which a lease that is not renewed may be claimed. Equal on all hosts.",
    example: "20000",
    defaultText: "by profile",
  },
  LEADER_LOCK_RENEW_MS: {
    schema: optionalMs(100),
    about: "Time in ms between renewals by the leader, and between reports of the others.",
    example: "5000",
    defaultText: "by profile",
  },
  LEADER_LOCK_MARGIN_MS: {
    schema: optionalMs(50),
    about: "Time in ms before the end of its lease at which a leader stops: pays for clocks of unequal rate.",
    example: "4000",
    defaultText: "by profile",
  },
  LEADER_LOCK_OP_TIMEOUT_MS: {
    schema: optionalMs(50),
    about: "Deadline in ms of one request to the store.",
    example: "3000",
    defaultText: "by profile",
  },
  LEADER_LOCK_POLL_MS: {
    schema: optionalMs(50),
    about: "Time in ms between a follower's looks at the store, give or take 20 %.",
    example: "1000",
    defaultText: "by profile",
  },
  LEADER_PRIORITY: {
    schema: envTypes.integer(0, 1_000),
    about: "Of two healthy agents the one with the higher number claims a free lease first.",
    example: "100",
    default: "100",
    perHost: true,
  },
  LEADER_NOFAILOVER: {
    schema: envTypes.boolean(),
    about: "This agent never leads: it watches, answers and reports.",
    example: "true",
    default: "false",
    source: "https://patroni.readthedocs.io/en/latest/yaml_configuration.html#tags (nofailover)",
    perHost: true,
  },
  LEADER_UNHEALTHY_RESIGN_MS: {
    schema: envTypes.integer(1_000, LONGEST_MS),
    about: "Time in ms of trouble of its own after which a leader hands over to a healthier agent.",
    example: "30000",
    default: "30000",
  },
  FALLBACK_AFTER_MS: {
    schema: envTypes.integer(1_000, LONGEST_MS).optional(),
    about:
      "Age in ms of the price on chain at which agents push without a leader while the store is out of reach.",
    example: "360000",
    defaultText: "UPDATE_INTERVAL_MS, the ttl and 10 s",
  },
  FALLBACK_RANK_OFFSET_MS: {
    schema: envTypes.integer(0, LONGEST_MS),
    about: "Further time in ms that each next agent waits before it pushes without a leader.",
    example: "15000",
    default: "15000",
    source: "https://prometheus.io/docs/alerting/latest/alertmanager/#high-availability (peer position)",
  },
});
