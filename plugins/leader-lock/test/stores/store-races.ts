/** The part of the conformance suite where many clients want the same thing at once. */
import { describe, expect, test } from "bun:test";
import type { CompareAndSetResult, CoordinationStore, StoreRecord } from "@jeju-oracle/kit";
import { created, soon, uniquePrefix, uniqueValue } from "./store-steps.ts";

const RACERS = 50;
const ROUNDS = 20;
const RACE_TIMEOUT_MS = 120_000;

export function describeRaces(open: () => CoordinationStore): void {
  describe("races", () => {
    test(
      `${RACERS} clients, ${ROUNDS} rounds: each round has one winner, and every loser sees the winner's record`,
      async () => {
        const stores = Array.from({ length: RACERS }, open);
        const name = `${uniquePrefix()}a`;
        let previous: StoreRecord | null = null;
        const versions = new Set<string>();
        for (let round = 0; round < ROUNDS; round++) {
          const from: StoreRecord | null = previous;
          const results: CompareAndSetResult[] = await Promise.all(
            stores.map((store) => store.cas(name, from, uniqueValue(), soon())),
          );
          const winners = results.filter((result) => result.won);
          expect(winners).toHaveLength(1);
          const winner = winners[0]!.record;
          expect(winner).not.toBeNull();
          for (const result of results) if (!result.won) expect(result.current).toEqual(winner);
          expect(versions.has(winner!.version)).toBe(false);
          versions.add(winner!.version);
          previous = winner;
        }
        expect(await stores[0]!.read(name, soon())).toEqual(previous);
      },
      RACE_TIMEOUT_MS,
    );

    test(
      "clients that count one number up together lose no step",
      async () => {
        const [clients, steps] = [8, 10];
        const name = `${uniquePrefix()}count`;
        const valueFor = (count: number) => JSON.stringify({ count, nonce: crypto.randomUUID() });
        await created(open(), name, valueFor(0));
        await Promise.all(
          Array.from({ length: clients }, open).map(async (store) => {
            let current = await store.read(name, soon());
            for (let step = 0; step < steps; ) {
              const result = await store.cas(name, current, valueFor(countOf(current) + 1), soon());
              current = result.won ? result.record : result.current;
              if (result.won) step++;
            }
          }),
        );
        expect(countOf(await open().read(name, soon()))).toBe(clients * steps);
      },
      RACE_TIMEOUT_MS,
    );

    test("of clients that write and list in one call at once, the later ones see the earlier ones", async () => {
      const stores = Array.from({ length: 6 }, open);
      for (let round = 0; round < ROUNDS; round++) {
        const prefix = uniquePrefix();
        const results = await Promise.all(
          stores.map((store, index) =>
            store.casAndList(`${prefix}${index}`, null, uniqueValue(), prefix, soon()),
          ),
        );
        // In the order in which the writes took effect, each list is one longer than the one before.
        const lengths = results.map(({ listed }) => listed.length).toSorted((a, b) => a - b);
        expect(lengths.every((length, index) => length > index)).toBe(true);
      }
    });
  });
}

function countOf(record: StoreRecord | null): number {
  return (JSON.parse(record?.value ?? "{}") as { count: number }).count;
}
