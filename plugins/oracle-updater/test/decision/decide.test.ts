import { describe, expect, test } from "bun:test";
import type { LeadershipRefusal } from "@jeju-oracle/kit";
import {
  type ChainPrice,
  type Decision,
  type DecisionInput,
  decide,
  type Permissions,
  type PushReason,
  type SkipReason,
} from "../../src/decision/decide.ts";
import type { Quote } from "../../src/price/quote.ts";
import { reject } from "../../src/price/rejection.ts";
import { DECISION, FOLLOWS, GWEI, LOOK, NOW_S, PERMISSIONS, QUOTE } from "../support/fixtures.ts";

interface Change {
  readonly look?: Partial<DecisionInput>;
  readonly quote?: Partial<Quote>;
  readonly chain?: Partial<ChainPrice>;
  readonly permissions?: Partial<Permissions>;
}

function decision({ look, quote, chain, permissions }: Change): Decision {
  const input: DecisionInput = {
    ...LOOK,
    source: { ...QUOTE, ...quote },
    chain: { ...LOOK.chain, ...chain },
    permissions: { ...PERMISSIONS, ...permissions },
    ...look,
  };
  return decide(input, DECISION);
}

/** `push:reason`, or `skip:reason` with what would have been pushed. */
function words(change: Change): string {
  const decided = decision(change);
  if (decided.kind === "push") return `push:${decided.reason}`;
  return decided.wouldPush === undefined
    ? `skip:${decided.reason}`
    : `skip:${decided.reason} (would push ${decided.wouldPush})`;
}

/** Age of the price on chain. */
function aged(ageS: bigint): Partial<ChainPrice> {
  return { lastUpdateS: NOW_S - ageS };
}

/** Prices that moved by so many basis points of the price on chain. */
const eth = (bps: bigint): Partial<Quote> => ({
  ethUsd8: LOOK.chain.ethUsd8 + (LOOK.chain.ethUsd8 * bps) / 10_000n,
});
const eliza = (bps: bigint): Partial<Quote> => ({
  elizaUsd8: LOOK.chain.elizaUsd8 + (LOOK.chain.elizaUsd8 * bps) / 10_000n,
});

const HELD = { kind: "held", moveBps: 1_500n, agreeing: 1, sinceS: NOW_S } as const;
const AGREED = { kind: "agreed", moveBps: 1_500n, agreeing: 3 } as const;
const APPROVED = { kind: "approved", moveBps: 1_500n, by: "ada" } as const;
const SPOT_FAR: Partial<Quote> = { spotTwapSpreadBps: 501n };

describe("every push reason", () => {
  const rows: readonly (readonly [PushReason, string, Change])[] = [
    ["heartbeat", "the price reached the heartbeat, unchanged", { chain: aged(300n) }],
    ["deviation", "ETH moved by the threshold, up", { quote: eth(100n) }],
    ["deviation", "ETH moved by the threshold, down", { quote: eth(-100n) }],
    ["deviation", "elizaOS moved by the threshold, ETH did not", { quote: eliza(100n) }],
    ["deviation", "a held move whose readings agree", { quote: eth(1_500n), look: { hold: AGREED } }],
    [
      "deviation",
      "a deviation is due although the heartbeat is, too",
      { quote: eth(100n), chain: aged(300n) },
    ],
    ["stale", "consumers already refuse the price", { chain: aged(3_601n) }],
    ["stale", "staleness outranks a deviation", { quote: eth(100n), chain: aged(3_601n) }],
    ["forced", "an engineer forced it", { look: { forced: true } }],
    ["forced", "forced right after another update", { look: { forced: true }, chain: aged(1n) }],
    ["approved", "an engineer approved the held move", { quote: eth(1_500n), look: { hold: APPROVED } }],
    [
      "approved",
      "approved right after another update",
      { quote: eth(1_500n), look: { hold: APPROVED }, chain: aged(1n) },
    ],
  ];
  for (const [reason, name, change] of rows) {
    test(`${reason}: ${name}`, () => expect(words(change)).toBe(`push:${reason}`));
  }

  test("a push carries both prices of the quote", () => {
    expect(decision({ quote: eth(100n) })).toMatchObject({
      prices: { ethUsd8: 313_100_000_000n, elizaUsd8: QUOTE.elizaUsd8 },
    });
  });
});

describe("every skip reason, and what it would have pushed", () => {
  const due: Change = { chain: aged(300n) };
  const pending = { nonce: 7, whose: "own", ageMs: 1 } as const;
  const floor = { maxFeePerGasWei: GWEI, maxPriorityFeePerGasWei: 1n };
  const rows: readonly (readonly [SkipReason, string, Change, PushReason | undefined])[] = [
    ["unchanged", "nothing is due", {}, undefined],
    [
      "source-rejected",
      "the sources are not used",
      { look: { source: reject("feed-stale", "2000 s old") }, ...due },
      undefined,
    ],
    [
      "source-rejected",
      "not even a forced update uses a rejected source",
      { look: { source: reject("feed-stale", "2000 s old"), forced: true } },
      undefined,
    ],
    [
      "source-older-than-chain",
      "the source block is one second older than the price on chain",
      { chain: { lastUpdateS: QUOTE.blockTimestampS + 1n }, look: { nowS: NOW_S + 400n } },
      undefined,
    ],
    [
      "source-older-than-chain",
      "not even a forced update corrects a newer price back",
      { chain: { lastUpdateS: QUOTE.blockTimestampS + 1n }, look: { forced: true } },
      undefined,
    ],
    ["held", "a move beyond the band", { quote: eth(1_500n), look: { hold: HELD } }, "deviation"],
    [
      "held",
      "no heartbeat while a move is held",
      { quote: eth(1_500n), look: { hold: HELD }, ...due },
      "deviation",
    ],
    [
      "held",
      "no stale push while a move is held",
      { quote: eth(1_500n), look: { hold: HELD }, chain: aged(3_601n) },
      "stale",
    ],
    [
      "held",
      "no forced push while a move is held",
      { quote: eth(1_500n), look: { hold: HELD, forced: true } },
      "forced",
    ],
    ["pool-doubtful", "only the pool moved", { quote: { ...eliza(200n), ...SPOT_FAR } }, "deviation"],
    ["beyond-contract-limit", "the contract would refuse", { quote: eth(5_100n) }, "deviation"],
    [
      "beyond-contract-limit",
      "although the readings agree",
      { quote: eth(5_100n), look: { hold: AGREED } },
      "deviation",
    ],
    [
      "beyond-contract-limit",
      "although it was approved",
      { quote: eth(-5_100n), look: { hold: APPROVED } },
      "approved",
    ],
    ["rate-limited", "the last update is 59 s old", { quote: eth(100n), chain: aged(59n) }, "deviation"],
    ["observe-only", "OBSERVE_ONLY", { ...due, permissions: { observeOnly: true } }, "heartbeat"],
    ["paused", "an engineer paused", { ...due, permissions: { paused: "by ada" } }, "heartbeat"],
    ["not-leader", "another agent leads", { ...due, permissions: { leadership: FOLLOWS } }, "heartbeat"],
    ["in-flight", "wait", { ...due, permissions: { inFlight: { kind: "wait", ...pending } } }, "heartbeat"],
    [
      "in-flight",
      "a queued transaction must be cancelled first",
      { ...due, permissions: { inFlight: { kind: "cancel-queued", nonce: 8, ageMs: 1, floor } } },
      "heartbeat",
    ],
    [
      "gas-too-high",
      "one wei above the cap",
      { ...due, permissions: { gasPriceNeededWei: PERMISSIONS.feeCapWei + 1n } },
      "heartbeat",
    ],
    ["backing-off", "after a failure", { ...due, permissions: { backOffMs: 1 } }, "heartbeat"],
  ];
  for (const [reason, name, change, wouldPush] of rows) {
    test(`${reason}: ${name}`, () => {
      expect(decision(change)).toMatchObject({ kind: "skip", reason });
      expect(words(change)).toBe(
        wouldPush === undefined ? `skip:${reason}` : `skip:${reason} (would push ${wouldPush})`,
      );
    });
  }

  test("every skip reason has a row", () => {
    const ALL: Record<SkipReason, true> = {
      unchanged: true,
      "rate-limited": true,
      "not-leader": true,
      paused: true,
      "observe-only": true,
      "gas-too-high": true,
      held: true,
      "pool-doubtful": true,
      "beyond-contract-limit": true,
      "source-rejected": true,
      "source-older-than-chain": true,
      "in-flight": true,
      "backing-off": true,
    };
    expect(new Set<string>(rows.map(([reason]) => reason))).toEqual(new Set(Object.keys(ALL)));
  });
});

describe("each threshold lies exactly where it should", () => {
  const rows: readonly (readonly [string, Change, string])[] = [
    ["heartbeat at 299 s: not yet", { chain: aged(299n) }, "skip:unchanged"],
    ["heartbeat at 300 s", { chain: aged(300n) }, "push:heartbeat"],
    ["deviation of 99 bps: not yet", { quote: eth(99n) }, "skip:unchanged"],
    ["deviation of 100 bps", { quote: eth(100n) }, "push:deviation"],
    ["fresh for consumers at 3600 s", { chain: aged(3_600n) }, "push:heartbeat"],
    ["stale at 3601 s", { chain: aged(3_601n) }, "push:stale"],
    ["source block as old as the price on chain", { chain: aged(0n), quote: eth(99n) }, "skip:unchanged"],
    ["rate limit ends at 60 s", { quote: eth(100n), chain: aged(60n) }, "push:deviation"],
    [
      "gas at the cap",
      { chain: aged(300n), permissions: { gasPriceNeededWei: 100n * GWEI } },
      "push:heartbeat",
    ],
  ];
  for (const [name, change, outcome] of rows) test(name, () => expect(words(change)).toBe(outcome));

  test("one unit is rounding even when it is 1 %, two units are a move", () => {
    const chain = { elizaUsd8: 100n };
    expect(words({ chain, quote: { elizaUsd8: 101n } })).toBe("skip:unchanged");
    expect(words({ chain, quote: { elizaUsd8: 99n } })).toBe("skip:unchanged");
    expect(words({ chain, quote: { elizaUsd8: 102n } })).toBe("push:deviation");
    expect(words({ chain, quote: { elizaUsd8: 98n } })).toBe("push:deviation");
  });
});

describe("the contract's 50 % limit, in its own integer arithmetic", () => {
  const move = (hundredthsOfPercent: bigint, ageS = 120n) =>
    words({ quote: eth(hundredthsOfPercent), look: { hold: AGREED }, chain: aged(ageS) });

  test("50.99 % passes in both directions, because the contract drops the fraction", () => {
    expect(move(5_099n)).toBe("push:deviation");
    expect(move(-5_099n)).toBe("push:deviation");
  });

  test("51 % does not pass in either direction", () => {
    expect(move(5_100n)).toBe("skip:beyond-contract-limit (would push deviation)");
    expect(move(-5_100n)).toBe("skip:beyond-contract-limit (would push deviation)");
  });

  test("either leg alone reaches the limit", () => {
    expect(words({ quote: eliza(5_100n), look: { hold: AGREED } })).toStartWith("skip:beyond-contract-limit");
  });

  test("ends when the price on chain is more than 24 h old, not before", () => {
    expect(move(9_000n, 86_400n)).toBe("skip:beyond-contract-limit (would push stale)");
    expect(move(9_000n, 86_401n)).toBe("push:stale");
  });

  test("beyond 24 h the hold band still holds", () => {
    expect(words({ quote: eth(9_000n), look: { hold: HELD }, chain: aged(86_401n) })).toBe(
      "skip:held (would push stale)",
    );
  });
});

describe("a spot far from its average", () => {
  test("holds a deviation that the pool alone made", () => {
    expect(words({ quote: { ...eliza(200n), ...SPOT_FAR } })).toBe(
      "skip:pool-doubtful (would push deviation)",
    );
  });

  test("holds nothing at exactly the accepted spread", () => {
    expect(words({ quote: { ...eliza(200n), spotTwapSpreadBps: 500n } })).toBe("push:deviation");
  });

  test("never holds an ETH move", () => {
    expect(words({ quote: { ...eth(200n), ...SPOT_FAR } })).toBe("push:deviation");
    expect(words({ quote: { ...eth(200n), ...eliza(200n), ...SPOT_FAR } })).toBe("push:deviation");
  });

  test("never holds a heartbeat, whether or not the average moved within the band", () => {
    expect(words({ quote: SPOT_FAR, chain: aged(300n) })).toBe("push:heartbeat");
    expect(words({ quote: { ...eliza(900n), ...SPOT_FAR }, chain: aged(300n) })).toBe("push:heartbeat");
  });

  test("never holds a stale price, nor what a person asked for", () => {
    expect(words({ quote: { ...eliza(200n), ...SPOT_FAR }, chain: aged(3_601n) })).toBe("push:stale");
    expect(words({ quote: { ...eliza(200n), ...SPOT_FAR }, look: { forced: true } })).toBe("push:forced");
  });
});

describe("permissions", () => {
  test("a transaction past its deadline is replaced by the due push, not waited for", () => {
    const inFlight = { kind: "resolve", nonce: 7, whose: "own", ageMs: 30_000, floor: undefined } as const;
    expect(words({ chain: aged(300n), permissions: { inFlight } })).toBe("push:heartbeat");
  });

  test("a push carries the grant that it was decided under", () => {
    const leadership = { granted: true, as: "fallback", term: 9 } as const;
    expect(decision({ chain: aged(300n), permissions: { leadership } })).toMatchObject({
      kind: "push",
      grant: leadership,
    });
  });

  const refusals: readonly (readonly [LeadershipRefusal, string])[] = [
    [{ granted: false, reason: "follower", leaderId: "bot-2" }, "bot-2 leads"],
    [{ granted: false, reason: "follower", leaderId: undefined }, "another agent leads"],
    [{ granted: false, reason: "no-leader", leaderId: undefined }, "nobody leads"],
    [{ granted: false, reason: "expiring", leaderId: "bot-1" }, "this agent's lease ends too soon to send"],
    [{ granted: false, reason: "draining", leaderId: undefined }, "this agent is giving up the lead"],
  ];
  for (const [leadership, detail] of refusals) {
    test(`says why it may not act: ${detail}`, () => {
      expect(decision({ chain: aged(300n), permissions: { leadership } })).toMatchObject({
        reason: "not-leader",
        detail,
      });
    });
  }

  test("forcing overrides no permission", () => {
    const forced = { forced: true };
    expect(words({ look: forced, permissions: { leadership: FOLLOWS } })).toBe(
      "skip:not-leader (would push forced)",
    );
    expect(words({ look: forced, permissions: { paused: "x" } })).toBe("skip:paused (would push forced)");
    expect(words({ look: forced, permissions: { observeOnly: true } })).toStartWith("skip:observe-only");
  });

  test("approving overrides no permission", () => {
    const change = { quote: eth(1_500n), look: { hold: APPROVED } };
    expect(words({ ...change, permissions: { paused: "x" } })).toBe("skip:paused (would push approved)");
    expect(words({ ...change, permissions: { leadership: FOLLOWS } })).toBe(
      "skip:not-leader (would push approved)",
    );
  });

  test("what the prices forbid is named before what permissions forbid", () => {
    const change = { quote: eth(1_500n), look: { hold: HELD }, permissions: { leadership: FOLLOWS } };
    expect(words(change)).toBe("skip:held (would push deviation)");
  });
});
