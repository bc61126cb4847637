/**
 * Ways to break the election, each as an exact replacement in its source: a simulation that finds none of them would prove
 * nothing. A replacement whose text is not found exactly once is an error: the source changed and the mutation has to follow.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Machine } from "./machine.ts";
import type { StoreKind } from "./schedule.ts";

export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Where it does harm. */
  readonly store: StoreKind;
}

interface Edit {
  /** Below `src/election`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const SOURCE = resolve(import.meta.dir, "../../src/election");
const MODULES = resolve(import.meta.dir, "../../../../node_modules");

const REMOTE = "remote";

/** The five without which an election would be no election. */
export const ESSENTIAL_MUTATIONS: readonly Mutation[] = [
  {
    name: "no margin",
    store: REMOTE,
    edits: [
      {
        file: "attempt.ts",
        find: "return firstSentMs + ttlMs - marginMs;",
        replace: "return firstSentMs + ttlMs - 0 * marginMs;",
      },
    ],
  },
  {
    name: "a claim is judged by wall clocks",
    store: REMOTE,
    edits: [
      {
        file: "watching.ts",
        find: "sinceMs: unchanged ? before.sinceMs : nowMs,",
        replace: "sinceMs: nowMs - (moment.wallMs - (lease?.timestamp ?? moment.wallMs)),",
      },
    ],
  },
  {
    name: "a renewal is written without regard to the version",
    store: REMOTE,
    edits: [
      {
        file: "roles/leader.ts",
        find: 'if (event.type === "write-lost") return afterLostRenewal(state, event, config);',
        replace: `if (event.type === "write-lost") {
          const { term, lease: { why, from } } = state;
          const again = newAttempt("renew", event.current, { ...ownLease(config, event), term, why, from }, event);
          return { state: { ...state, renewal: again }, effects: [writeEffect(again)] };
        }`,
      },
    ],
  },
  {
    name: "the nominee of a revoked lease claims it at once",
    store: REMOTE,
    edits: [
      {
        file: "claimable.ts",
        find: "if (holder === null) return",
        replace: "if (holder === null || (lease.revoked === true && nominee === config.self.botId)) return",
      },
    ],
  },
  {
    name: "an empty store is claimed at once",
    store: REMOTE,
    edits: [{ file: "claimable.ts", find: "return config.claimEmptyAtOnce ?", replace: "return true ?" }],
  },
];

export const FURTHER_MUTATIONS: readonly Mutation[] = [
  {
    name: "an empty store is claimed after a ttl, without a record laid on it",
    store: REMOTE,
    edits: [
      {
        file: "claimable.ts",
        find: '? { how: "empty", atMs: sinceMs + claimDelayMs } : undefined;',
        replace:
          '? undefined : { how: "empty", atMs: sinceMs + Math.max(config.ttlMs, state.longestTtlMs) };',
      },
      {
        file: "watching.ts",
        find: "if (seen.record === null) return !claimEmptyAtOnce;",
        replace: "if (seen.record === null) return false;",
      },
    ],
  },
  {
    name: "a quarantined record is claimed at once",
    store: REMOTE,
    edits: [{ file: "claimable.ts", find: "if (lease.quarantined === true) {", replace: "if (false) {" }],
  },
  {
    name: "a lease counts from its last sending",
    store: REMOTE,
    edits: [
      {
        file: "attempt.ts",
        find: "return { ...attempt, underWay: true };",
        replace: "return { ...attempt, underWay: true, firstSentMs: nowMs };",
      },
    ],
  },
  {
    name: "a lease counts from its reply",
    store: REMOTE,
    edits: [
      {
        file: "roles/acquiring.ts",
        find: "return becomeLeader(state, ",
        replace: "return becomeLeader({ ...state, claim: { ...claim, firstSentMs: event.nowMs } }, ",
      },
      {
        file: "roles/leader.ts",
        find: "...leaseFrom(renewal, ",
        replace: "...leaseFrom({ ...renewal, firstSentMs: event.nowMs }, ",
      },
    ],
  },
  {
    name: "who leads is not judged by the clock",
    store: REMOTE,
    edits: [
      {
        file: "election.ts",
        find: 'return state.role === "leader" && nowMs < state.validUntilMs;',
        replace: 'return state.role === "leader" && nowMs > 0;',
      },
    ],
  },
  {
    name: "a leader that drains still leads",
    store: REMOTE,
    edits: [
      {
        file: "election.ts",
        find: 'return state.role === "leader" && nowMs < state.validUntilMs;',
        replace:
          'return state.role === "draining" ? nowMs < state.giveUpAtMs : state.role === "leader" && nowMs < state.validUntilMs;',
      },
    ],
  },
  {
    name: "a new version is not watched anew",
    store: REMOTE,
    edits: [
      {
        file: "watching.ts",
        find: "sinceMs: unchanged ? before.sinceMs : nowMs,",
        replace: "sinceMs: before?.sinceMs ?? nowMs,",
      },
    ],
  },
  {
    name: "a claim that lost is made again on what is there",
    store: REMOTE,
    edits: [
      {
        file: "roles/acquiring.ts",
        find: 'effects: [{ kind: "claim-failed", why: "lost-race" }],\n      };',
        replace: `effects: [],
          ...becomeAcquiring(watch(blank(state, event), event, event.current, false, config), "own", event, config),
        };`,
      },
    ],
  },
  {
    name: "an own, shorter ttl is waited for instead of the holder's",
    store: REMOTE,
    edits: [
      {
        file: "claimable.ts",
        find: 'how: "expired", atMs: sinceMs + ttlMs + delayMs }',
        replace: 'how: "expired", atMs: sinceMs + config.ttlMs + delayMs }',
      },
    ],
  },
  {
    name: "an unreadable record is claimed at once",
    store: REMOTE,
    edits: [
      {
        file: "claimable.ts",
        find: "atMs: sinceMs + unknownTtlMs + claimDelayMs };",
        replace: "atMs: sinceMs + claimDelayMs };",
      },
    ],
  },
  {
    name: "the lease of an earlier process of the same agent is taken for one's own",
    store: REMOTE,
    edits: [
      {
        file: "lease-record.ts",
        find: "return a.botId === b.botId && a.incarnation === b.incarnation;",
        replace: "return a.botId === b.botId;",
      },
    ],
  },
];

/** The machine with one change. @throws when a text to replace is not there exactly once. */
export async function mutated({ name, edits }: Mutation): Promise<Machine> {
  const directory = mkdtempSync(join(tmpdir(), "mutated-election-"));
  try {
    cpSync(SOURCE, directory, { recursive: true });
    symlinkSync(MODULES, join(directory, "node_modules"));
    for (const { file, find, replace } of edits) {
      const path = join(directory, file);
      const parts = readFileSync(path, "utf8").split(find);
      if (parts.length !== 2) {
        throw new Error(`mutation "${name}": ${file} has this ${parts.length - 1} times, not once: ${find}`);
      }
      writeFileSync(path, parts.join(replace));
    }
    const election = await import(join(directory, "election.ts"));
    const leaseRecord = await import(join(directory, "lease-record.ts"));
    return { ...election, ...leaseRecord };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
