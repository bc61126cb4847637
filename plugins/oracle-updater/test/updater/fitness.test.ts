import { describe, expect, test } from "bun:test";
import { createContractFence } from "../../src/fence/contract-fence.ts";
import { createNonceFence } from "../../src/fence/nonce-fence.ts";
import { AccountWatch } from "../../src/updater/account-watch.ts";
import { FailureBook } from "../../src/updater/failure-book.ts";
import { type FitnessInput, fitnessTroubles } from "../../src/updater/fitness.ts";
import { GWEI, TRANSACTION } from "../support/fixtures.ts";

const NOW_MS = 1_000_000;
const ADDRESS = "0x00000000000000000000000000000000000000aa";
const NO_FAILURES = new FailureBook(TRANSACTION);
const FENCES = ["nonce", "contract"] as const;

const FIT: FitnessInput = {
  nowMs: NOW_MS,
  startingSinceMs: undefined,
  baseUnreachableForMs: 0,
  jejuUnreachableForMs: 0,
  account: { walletEmptySinceMs: undefined, keyRefusedSinceMs: undefined },
  failures: NO_FAILURES,
  fence: "contract",
};

/** Failures at the given ages, oldest first. */
function failing(...failures: readonly (readonly [code: string, agoMs: number])[]): FailureBook {
  const book = new FailureBook(TRANSACTION);
  for (const [code, agoMs] of failures) {
    book.recordFailure(NOW_MS - agoMs, { code, message: `it is ${code}`, retryable: true });
  }
  return book;
}

const troubles = (change: Partial<FitnessInput>) =>
  fitnessTroubles({ ...FIT, ...change }).map(({ code, shared, forMs }) => ({ code, shared, forMs }));

describe("troubles", () => {
  test("an agent in order has none", () => {
    expect(troubles({})).toEqual([]);
  });

  test("an unreachable chain counts from its first failed attempt, without a threshold, and is not shared", () => {
    expect(troubles({ baseUnreachableForMs: 1 })).toEqual([
      { code: "base-unreachable", shared: false, forMs: 1 },
    ]);
    expect(troubles({ jejuUnreachableForMs: 700 })).toEqual([
      { code: "jeju-unreachable", shared: false, forMs: 700 },
    ]);
  });

  test("an agent that has not looked once is not ready", () => {
    expect(troubles({ startingSinceMs: NOW_MS - 5_000 })).toEqual([
      { code: "not-ready", shared: false, forMs: 5_000 },
    ]);
  });

  for (const fence of FENCES) {
    const shared = fence === "nonce";
    test(`${fence} fence: a refused key and an empty wallet are ${shared ? "everybody's" : "this agent's own"}`, () => {
      const account = { walletEmptySinceMs: NOW_MS - 10, keyRefusedSinceMs: NOW_MS - 20 };
      expect(troubles({ fence, account })).toEqual([
        { code: "key-refused", shared, forMs: 20 },
        { code: "wallet-empty", shared, forMs: 10 },
      ]);
    });

    test(`${fence} fence: pushes that fail for key or wallet say so and are not told twice`, () => {
      for (const [code, trouble] of [
        ["not-authorized", "key-refused"],
        ["wallet-empty", "wallet-empty"],
      ] as const) {
        expect(troubles({ fence, failures: failing([code, 40], [code, 30]) })).toEqual([
          { code: trouble, shared, forMs: 40 },
        ]);
      }
    });

    test(`${fence} fence: a stuck transaction beyond the fee cap is ${shared ? "on everybody's account" : "on its own account"}`, () => {
      const expected = shared ? [] : [{ code: "pushes-failing", shared: false, forMs: 50 }];
      expect(troubles({ fence, failures: failing(["fee-cap-reached", 50]) })).toEqual(expected as never);
    });
  }

  test("pushes that fail are this agent's own trouble, from the first failure of the run", () => {
    const failures = failing(["not-mined", 9_000], ["nonce-too-high", 4_000]);
    expect(troubles({ failures })).toEqual([{ code: "pushes-failing", shared: false, forMs: 9_000 }]);
    failures.recordSuccess();
    expect(troubles({ failures })).toEqual([]);
  });

  test("what the oracle answers to everybody is no trouble of this agent, and does not date one", () => {
    for (const code of ["oracle-paused", "deviation-too-large", "out-of-bounds", "reverted"]) {
      expect(troubles({ failures: failing([code, 60_000]) })).toEqual([]);
      expect(troubles({ failures: failing([code, 60_000], ["not-mined", 100]) })).toEqual([
        { code: "pushes-failing", shared: false, forMs: 100 },
      ]);
    }
  });

  test("pushes that a chain swallows are a trouble also while its polls are answered: an endpoint may fail only what sends need", () => {
    const failures = failing(["chain-unreachable", 60_000]);
    expect(troubles({ failures })).toEqual([{ code: "pushes-failing", shared: false, forMs: 60_000 }]);
  });

  test("every trouble is told in words", () => {
    const all = fitnessTroubles({
      ...FIT,
      startingSinceMs: 0,
      baseUnreachableForMs: 1,
      jejuUnreachableForMs: 1,
      account: { walletEmptySinceMs: 0, keyRefusedSinceMs: 0 },
      failures: failing(["not-mined", 1]),
    });
    expect(all).toHaveLength(6);
    for (const { text } of all) expect(text.length).toBeGreaterThan(10);
    expect(all.at(-1)?.text).toBe("pushes fail: it is not-mined");
  });
});

describe("what every look shows of the sending account", () => {
  const watchOf = (fence: (typeof FENCES)[number]) =>
    new AccountWatch(
      fence === "nonce" ? createNonceFence(ADDRESS, ADDRESS) : createContractFence(ADDRESS, ADDRESS),
    );

  for (const fence of FENCES) {
    test(`${fence} fence: a wallet that cannot pay for one update is empty, from the first such look to the last`, () => {
      const watch = watchOf(fence);
      const look = (walletBalanceWei: bigint, nowMs: number) => {
        watch.saw({ walletBalanceWei, keyAccepted: true }, GWEI, nowMs);
        return watch.walletEmptySinceMs;
      };
      const enough = 60_000n * GWEI;
      expect(look(enough, 1)).toBeUndefined();
      expect([look(30_000n * GWEI, 2), look(0n, 3)]).toEqual([2, 2]);
      expect(look(enough, 4)).toBeUndefined();
      expect(look(0n, 5)).toBe(5);
    });
  }

  test("a key that is refused is known from the first such look, and well when it is accepted again", () => {
    const watch = watchOf("contract");
    const look = (keyAccepted: boolean, nowMs: number) => {
      watch.saw({ walletBalanceWei: 10n ** 18n, keyAccepted }, GWEI, nowMs);
      return watch.keyRefusedSinceMs;
    };
    expect([look(true, 1), look(false, 2), look(false, 9), look(true, 10)]).toEqual([
      undefined,
      2,
      2,
      undefined,
    ]);
  });
});
