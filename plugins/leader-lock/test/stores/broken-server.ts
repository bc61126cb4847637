/** The part of the conformance suite that is about servers which die, hang or cannot be reached. */
import { afterEach, describe, expect, test } from "bun:test";
import { type CoordinationStore, StoreUnavailableError } from "@jeju-oracle/kit";
import type { ServerFixture, Wire } from "./store-fixture.ts";
import { Changes, created, GENEROUS_MS, replaced, soon, uniquePrefix, uniqueValue } from "./store-steps.ts";

/** What a call gets that cannot be answered. */
const OP_TIMEOUT_MS = 500;
/** How much later than its timeout a call may end: for a loaded machine, not for the store. */
const SLACK_MS = 3_000;
const TEST_TIMEOUT_MS = 90_000;

export function describeBrokenServer(server: () => ServerFixture, open: () => CoordinationStore): void {
  describe("a server that fails", () => {
    const wires: { store: CoordinationStore; wire: Wire }[] = [];

    afterEach(async () => {
      for (const { store, wire } of wires.splice(0)) {
        await store.close();
        await wire.close();
      }
    });

    const serverTest = (name: string, body: (existing: ServerFixture) => Promise<void>) =>
      test(name, () => body(server()), TEST_TIMEOUT_MS);
    const openThroughWire = async (existing: ServerFixture) => {
      const made = await existing.openThroughWire();
      wires.push(made);
      return made;
    };

    serverTest("whose reply is lost: the repeated write is adopted as won", async (existing) => {
      const { store, wire } = await openThroughWire(existing);
      const name = `${uniquePrefix()}a`;
      const first = await created(store, name);
      wire.dropReplies();
      const value = uniqueValue();
      await unavailable((signal) => store.cas(name, first, value, signal));
      const landed = await open().read(name, soon());
      expect(landed?.value).toBe(value);
      wire.pass();
      expect(await store.cas(name, first, value, soon())).toEqual({ won: true, record: landed! });
    });

    serverTest(
      "whose reply is lost, and another client wrote since: the repeated write is lost",
      async (existing) => {
        const { store, wire } = await openThroughWire(existing);
        const name = `${uniquePrefix()}a`;
        const first = await created(store, name);
        wire.dropReplies();
        const value = uniqueValue();
        await unavailable((signal) => store.cas(name, first, value, signal));
        const other = open();
        const theirs = await replaced(other, (await other.read(name, soon()))!);
        wire.pass();
        expect(await store.cas(name, first, value, soon())).toEqual({ won: false, current: theirs });
      },
    );

    serverTest(
      "behind a line that hangs: every call ends in time, and works again afterwards",
      async (existing) => {
        const { store, wire } = await openThroughWire(existing);
        const prefix = uniquePrefix();
        const first = await created(store, `${prefix}a`);
        const values = [uniqueValue(), uniqueValue()] as const;
        wire.hang();
        await Promise.all([
          unavailable((signal) => store.read(`${prefix}a`, signal)),
          unavailable((signal) => store.list(prefix, signal)),
          unavailable((signal) => store.cas(`${prefix}a`, first, values[0], signal)),
          unavailable((signal) => store.casAndList(`${prefix}a`, first, values[1], prefix, signal)),
        ]);
        await unavailable((signal) => store.read(`${prefix}a`, signal));
        wire.pass();
        // What was under way may have arrived, or arrives now: repeated, exactly one of the two is won.
        const results = [];
        for (const value of values) results.push(await store.cas(`${prefix}a`, first, value, soon()));
        expect(results.filter(({ won }) => won)).toHaveLength(1);
      },
    );

    serverTest(
      "behind connections that died without notice: one call pays for it, the next one works",
      async (existing) => {
        const { store, wire } = await openThroughWire(existing);
        const prefix = uniquePrefix();
        const first = await created(store, `${prefix}a`);
        // Several calls at once, for as many connections as the client will use.
        await Promise.all(Array.from({ length: 8 }, () => store.list(prefix, soon())));
        wire.strand();
        await store.read(first.name, AbortSignal.timeout(OP_TIMEOUT_MS)).catch((error: unknown) => {
          expect(error).toBeInstanceOf(StoreUnavailableError);
        });
        for (let call = 0; call < 8; call++) expect(await store.read(first.name, soon())).toEqual(first);
        await replaced(store, first);
      },
    );

    serverTest(
      "that cannot be reached: calls fail as unavailable, and work again afterwards",
      async (existing) => {
        const { store, wire } = await openThroughWire(existing);
        const name = `${uniquePrefix()}a`;
        const first = await created(store, name);
        wire.cut();
        for (let call = 0; call < 3; call++) await unavailable((signal) => store.read(name, signal));
        await unavailable((signal) => store.cas(name, first, uniqueValue(), signal));
        wire.pass();
        expect(await store.read(name, soon())).toEqual(first);
        await replaced(store, first);
      },
    );

    serverTest("that was not there when the client was opened: works as soon as it is", async (existing) => {
      const { store, wire } = await openThroughWire(existing);
      const name = `${uniquePrefix()}a`;
      wire.cut();
      await unavailable((signal) => store.cas(name, null, uniqueValue(), signal));
      wire.pass();
      await created(store, name);
    });

    serverTest(
      "that is killed and started again: calls fail as unavailable, then work, and nothing is lost",
      async (existing) => {
        const store = open();
        const name = `${uniquePrefix()}a`;
        const first = await created(store, name);
        await existing.kill();
        await unavailable((signal) => store.read(name, signal));
        await unavailable((signal) => store.cas(name, first, uniqueValue(), signal));
        await existing.start();
        expect(await store.read(name, soon())).toEqual(first);
        await replaced(store, first);
      },
    );

    serverTest(
      "that is stopped by a signal: calls end in time, and work when it goes on",
      async (existing) => {
        const store = open();
        const name = `${uniquePrefix()}a`;
        const first = await created(store, name);
        existing.freeze();
        try {
          await unavailable((signal) => store.read(name, signal));
          await unavailable((signal) => store.read(name, signal));
          await unavailable((signal) => open().read(name, signal));
        } finally {
          existing.thaw();
        }
        expect(await store.read(name, soon())).toEqual(first);
        await replaced(store, first);
      },
    );

    serverTest(
      "that is stopped in the middle of a write: the repeated write is won or lost, never both",
      async (existing) => {
        const store = open();
        const name = `${uniquePrefix()}a`;
        const first = await created(store, name);
        const value = uniqueValue();
        existing.freeze();
        try {
          await unavailable((signal) => store.cas(name, first, value, signal));
        } finally {
          existing.thaw();
        }
        // Whether the request of before is applied late or never: the record is written once.
        expect(await store.cas(name, first, value, soon())).toMatchObject({ won: true, record: { value } });
        expect((await open().read(name, soon()))?.value).toBe(value);
      },
    );

    serverTest("that starts again: a watch speaks again", async (existing) => {
      const [watcher, writer, prefix] = [open(), open(), uniquePrefix()];
      const changes = new Changes(watcher, prefix);
      await changes.established(writer, `${prefix}probe`);
      await existing.kill();
      await existing.start();
      changes.count = 0;
      await changes.established(writer, `${prefix}probe`);
      await changes.after(() => created(writer, `${prefix}a`));
      changes.end();
    });

    serverTest("that is gone: closing still ends everything in time", async (existing) => {
      const { store, wire } = await openThroughWire(existing);
      const changes = new Changes(store, uniquePrefix());
      await created(store, `${uniquePrefix()}a`);
      wire.hang();
      const pending = unavailable((signal) => store.read("a", signal), GENEROUS_MS);
      const startedMs = performance.now();
      await store.close();
      await pending;
      expect(performance.now() - startedMs).toBeLessThan(SLACK_MS);
      changes.end();
    });
  });
}

/** Runs a call that must end as a StoreUnavailableError within its time. */
async function unavailable(
  call: (signal: AbortSignal) => Promise<unknown>,
  timeoutMs = OP_TIMEOUT_MS,
): Promise<void> {
  const startedMs = performance.now();
  const outcome = await call(AbortSignal.timeout(timeoutMs)).then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(StoreUnavailableError);
  expect(performance.now() - startedMs).toBeLessThan(timeoutMs + SLACK_MS);
}
