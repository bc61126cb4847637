import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type InFlight,
  type InFlightEvidence,
  judgeInFlight,
  MAX_PLAUSIBLE_QUEUE,
  type OpenTransaction,
} from "../../src/transaction/in-flight.ts";

const DEADLINE_MS = 20_000;

function own(nonce: number, ageMs: number, feeWei = 10n): OpenTransaction {
  return {
    hash: `0x${nonce.toString(16).padStart(64, "0")}`,
    nonce,
    harmless: false,
    ageMs,
    maxFeePerGasWei: feeWei,
    maxPriorityFeePerGasWei: feeWei / 2n,
  };
}

function judge(evidence: Partial<InFlightEvidence>): InFlight {
  return judgeInFlight(
    { latestNonce: 7, pendingNonce: 7, open: [], foreignPendingForMs: 0, ...evidence },
    DEADLINE_MS,
  );
}

const floor = (feeWei: bigint) => ({ maxFeePerGasWei: feeWei, maxPriorityFeePerGasWei: feeWei / 2n });

describe("what is in flight", () => {
  const rows: readonly (readonly [string, Partial<InFlightEvidence>, InFlight])[] = [
    ["nothing", {}, { kind: "clear" }],
    ["an own transaction whose nonce is used up", { open: [own(6, 1)] }, { kind: "clear" }],
    [
      "an own transaction within its deadline is waited for",
      { open: [own(7, 19_999)] },
      { kind: "wait", nonce: 7, whose: "own", ageMs: 19_999 },
    ],
    [
      "an own transaction at its deadline is replaced",
      { open: [own(7, 20_000)] },
      { kind: "resolve", nonce: 7, whose: "own", ageMs: 20_000, floor: floor(10n) },
    ],
    [
      "an own transaction counts although no mempool shows it",
      { open: [own(7, 1)], pendingNonce: 7 },
      { kind: "wait", nonce: 7, whose: "own", ageMs: 1 },
    ],
    [
      "one of an earlier run is past its deadline",
      { open: [own(7, Number.POSITIVE_INFINITY)] },
      { kind: "resolve", nonce: 7, whose: "own", ageMs: Number.POSITIVE_INFINITY, floor: floor(10n) },
    ],
    [
      "of several at one nonce the youngest sets the age and the dearest the floor",
      { open: [own(7, Number.POSITIVE_INFINITY, 40n), own(7, 25_000, 20n)] },
      { kind: "resolve", nonce: 7, whose: "own", ageMs: 25_000, floor: floor(40n) },
    ],
    [
      "a fresh replacement is waited for although the first one is old",
      { open: [own(7, 60_000), own(7, 1_000)] },
      { kind: "wait", nonce: 7, whose: "own", ageMs: 1_000 },
    ],
    [
      "another agent's transaction is waited for",
      { pendingNonce: 8, foreignPendingForMs: 19_999 },
      { kind: "wait", nonce: 7, whose: "other", ageMs: 19_999 },
    ],
    [
      "another agent's transaction is replaced at the deadline, at a price we cannot know",
      { pendingNonce: 8, foreignPendingForMs: 20_000 },
      { kind: "resolve", nonce: 7, whose: "other", ageMs: 20_000, floor: undefined },
    ],
    [
      "an own transaction behind a gap is cancelled first, the highest first of all",
      { open: [own(7, 1), own(8, 60_000, 20n), own(9, 30_000, 30n)] },
      { kind: "cancel-queued", nonce: 9, ageMs: 30_000, floor: floor(30n) },
    ],
    [
      "a queued transaction that a cancellation outbids does no harm, but its gap is filled at once",
      { open: [own(8, 60_000, 20n), { ...own(8, 5_000, 30n), harmless: true }] },
      { kind: "resolve", nonce: 7, whose: "own", ageMs: 5_000, floor: undefined },
    ],
    [
      "a cancellation that pays less than the queued transaction is no cancellation",
      { open: [own(8, 60_000, 20n), { ...own(8, 5_000, 10n), harmless: true }] },
      { kind: "cancel-queued", nonce: 8, ageMs: 5_000, floor: floor(20n) },
    ],
    [
      "with the queue neutralised the next nonce is judged as usual",
      { open: [own(7, 1), { ...own(8, 5_000), harmless: true }] },
      { kind: "wait", nonce: 7, whose: "own", ageMs: 1 },
    ],
    [
      "a journal of another chain is no queue",
      { open: [own(7 + MAX_PLAUSIBLE_QUEUE, 1)] },
      { kind: "clear" },
    ],
    [
      "the last plausible place in the queue counts",
      { open: [own(6 + MAX_PLAUSIBLE_QUEUE, 1)] },
      { kind: "cancel-queued", nonce: 6 + MAX_PLAUSIBLE_QUEUE, ageMs: 1, floor: floor(10n) },
    ],
  ];
  for (const [name, evidence, expected] of rows) test(name, () => expect(judge(evidence)).toEqual(expected));
});

describe("properties of any evidence", () => {
  const evidence = fc
    .record({
      latestNonce: fc.integer({ min: 0, max: 50 }),
      ahead: fc.integer({ min: 0, max: 4 }),
      open: fc.array(
        fc.record({
          offset: fc.integer({ min: -5, max: MAX_PLAUSIBLE_QUEUE - 1 }),
          ageMs: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 60_000 })),
          fee: fc.bigInt({ min: 1n, max: 1_000n }),
        }),
        { maxLength: 6 },
      ),
      foreignPendingForMs: fc.integer({ min: 0, max: 60_000 }),
    })
    .map(({ latestNonce, ahead, open, foreignPendingForMs }) => ({
      latestNonce,
      pendingNonce: latestNonce + ahead,
      open: open.map(({ offset, ageMs, fee }) => own(latestNonce + offset, ageMs, fee)),
      foreignPendingForMs,
    }));

  test("G2: clear only when no own transaction is open and nothing is pending", () => {
    fc.assert(
      fc.property(evidence, (seen) => {
        const unsettled =
          seen.pendingNonce > seen.latestNonce || seen.open.some(({ nonce }) => nonce >= seen.latestNonce);
        expect(judgeInFlight(seen, DEADLINE_MS).kind === "clear").toBe(!unsettled);
      }),
    );
  });

  test("nothing is replaced before its deadline, and nothing at another nonce than the next", () => {
    fc.assert(
      fc.property(evidence, (seen) => {
        const judged = judgeInFlight(seen, DEADLINE_MS);
        if (judged.kind === "resolve") {
          expect(judged.nonce).toBe(seen.latestNonce);
          expect(judged.ageMs).toBeGreaterThanOrEqual(DEADLINE_MS);
        }
        if (judged.kind === "wait") expect(judged.ageMs).toBeLessThan(DEADLINE_MS);
      }),
    );
  });

  test("the floor is never below what any own transaction at that nonce pays", () => {
    fc.assert(
      fc.property(evidence, (seen) => {
        const judged = judgeInFlight(seen, DEADLINE_MS);
        if (judged.kind !== "resolve" && judged.kind !== "cancel-queued") return;
        for (const { nonce, maxFeePerGasWei, maxPriorityFeePerGasWei } of seen.open) {
          if (nonce !== judged.nonce) continue;
          expect(judged.floor !== undefined && judged.floor.maxFeePerGasWei >= maxFeePerGasWei).toBe(true);
          expect(
            judged.floor !== undefined && judged.floor.maxPriorityFeePerGasWei >= maxPriorityFeePerGasWei,
          ).toBe(true);
        }
      }),
    );
  });

  test("queued transactions are cancelled from the highest nonce down to the gap", () => {
    fc.assert(
      fc.property(evidence, (seen) => {
        const judged = judgeInFlight(seen, DEADLINE_MS);
        if (judged.kind !== "cancel-queued") return;
        expect(judged.nonce).toBeGreaterThan(seen.latestNonce);
        expect(judged.nonce).toBe(Math.max(...seen.open.map(({ nonce }) => nonce)));
      }),
    );
  });
});
