/**
 * What every coordination store must do, as one suite that each backend runs. The contract is the port's
 * (`packages/kit/src/ports/coordination-store.ts`); each test name is one of its claims.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type CoordinationStore, type StoreRecord, StoreUnavailableError } from "@jeju-oracle/kit";
import { describeBrokenServer } from "./broken-server.ts";
import type { StoreFixture } from "./store-fixture.ts";
import { describeRaces } from "./store-races.ts";
import { Changes, created, replaced, soon, uniquePrefix, uniqueValue } from "./store-steps.ts";

const ODD_NAMES = [
  "with space",
  "q'uote\"s",
  "per%cent_and\\backslash",
  "star*?[a-z]",
  "new\nline\ttab",
  "ünïcode-日本-🦊",
  ".dot",
  "..",
  "a/b/c",
  "UPPER",
  "upper",
  "$1;drop table x--",
  "x".repeat(150),
];

const ODD_VALUES: readonly (readonly [string, string])[] = [
  ["quotes and newlines", `{"a":"it's \\"so\\"",\n\t"b":"\r\n"}`],
  ["unicode of one to four bytes", "aé日🦊\u{10ffff}\u2028"],
  ["nothing", ""],
  ["64 KiB", "0123456789abcdef".repeat(4096)],
  ["what looks like another encoding", "\\x00 %00 &amp; \\u0000 base64=="],
];

export interface ConformanceOptions {
  /** Whether the store is a server, which can fail apart from its clients; its fixture then has a `server`. */
  readonly server: boolean;
  /** What the suite needs and this machine lacks; then it is skipped, which a CI machine does not let pass. */
  readonly missing?: string;
}

/** Defines the suite for one store. `make` is called once; the fixture's `close` ends it. */
export function describeCoordinationStore(
  name: string,
  make: () => Promise<StoreFixture>,
  options: ConformanceOptions = { server: false },
): void {
  const title = `coordination store ${name}${options.missing === undefined ? "" : `: ${options.missing}`}`;
  describe.skipIf(options.missing !== undefined)(title, () => {
    let made: StoreFixture | undefined;
    const opened: CoordinationStore[] = [];
    const fixture = () => made!;
    const open = () => {
      const store = fixture().open();
      opened.push(store);
      return store;
    };

    beforeAll(async () => {
      made = await make();
    }, 60_000);
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });
    afterAll(async () => {
      await made?.close();
    }, 30_000);

    describe("one record", () => {
      test("a record that was never written is null, and lists as nothing", async () => {
        const [store, prefix] = [open(), uniquePrefix()];
        expect(await store.read(`${prefix}a`, soon())).toBeNull();
        expect(await store.list(prefix, soon())).toEqual([]);
      });

      test("creating, replacing and deleting are seen by every client", async () => {
        const [writer, reader, name] = [open(), open(), `${uniquePrefix()}a`];
        const first = await created(writer, name);
        expect(await reader.read(name, soon())).toEqual(first);

        const value = uniqueValue();
        const replaced = await writer.cas(name, first, value, soon());
        expect(replaced).toEqual({ won: true, record: { name, value, version: expect.any(String) } });
        expect(await reader.read(name, soon())).toEqual(replaced.won ? replaced.record : null);

        expect(await writer.cas(name, replaced.won ? replaced.record : null, null, soon())).toEqual({
          won: true,
          record: null,
        });
        expect(await reader.read(name, soon())).toBeNull();
      });

      test("a create is lost to a record that exists, and shows it", async () => {
        const [store, name] = [open(), `${uniquePrefix()}a`];
        const first = await created(store, name);
        expect(await store.cas(name, null, uniqueValue(), soon())).toEqual({ won: false, current: first });
        expect(await store.cas(name, null, null, soon())).toEqual({ won: false, current: first });
        expect(await store.read(name, soon())).toEqual(first);
      });

      test("a replacement of an earlier version is lost, and shows the current one", async () => {
        const [store, name] = [open(), `${uniquePrefix()}a`];
        const first = await created(store, name);
        const second = await replaced(store, first);
        expect(await store.cas(name, first, uniqueValue(), soon())).toEqual({ won: false, current: second });
        expect(await store.cas(name, first, null, soon())).toEqual({ won: false, current: second });
        expect(await store.read(name, soon())).toEqual(second);
      });

      test("a replacement of a record that was deleted is lost, and shows that nothing is there", async () => {
        const [store, name] = [open(), `${uniquePrefix()}a`];
        const first = await created(store, name);
        await store.cas(name, first, null, soon());
        expect(await store.cas(name, first, uniqueValue(), soon())).toEqual({ won: false, current: null });
        expect(await store.read(name, soon())).toBeNull();
      });

      test("deleting what is already gone is won", async () => {
        const [store, name] = [open(), `${uniquePrefix()}a`];
        expect(await store.cas(name, null, null, soon())).toEqual({ won: true, record: null });
        const first = await created(store, name);
        await store.cas(name, first, null, soon());
        expect(await store.cas(name, first, null, soon())).toEqual({ won: true, record: null });
      });

      test("a record that was deleted and created again is another one", async () => {
        const [store, name] = [open(), `${uniquePrefix()}a`];
        const first = await created(store, name);
        await store.cas(name, first, null, soon());
        const second = await created(store, name);
        expect(second.version).not.toBe(first.version);
        expect(await store.cas(name, first, uniqueValue(), soon())).toEqual({ won: false, current: second });
      });

      for (const [what, value] of ODD_VALUES) {
        test(`a value of ${what} comes back as it was written`, async () => {
          const [store, name] = [open(), `${uniquePrefix()}a`];
          const unique = value === "" ? value : `${value}${uniqueValue()}`;
          const first = await created(store, name, unique);
          expect(first.value).toBe(unique);
          expect((await open().read(name, soon()))?.value).toBe(unique);
          expect((await store.cas(name, first, uniqueValue(), soon())).won).toBe(true);
        });
      }

      test("equal versions have equal values", async () => {
        const [store, name] = [open(), `${uniquePrefix()}a`];
        const valueByVersion = new Map<string, string>();
        let current: StoreRecord | null = null;
        for (let write = 0; write < 20; write++) {
          if (write % 5 === 4) {
            await store.cas(name, current, null, soon());
            current = null;
          }
          current = current === null ? await created(store, name) : await replaced(store, current);
          expect(valueByVersion.has(current.version)).toBe(false);
          valueByVersion.set(current.version, current.value);
        }
      });
    });

    describe("many records", () => {
      test("a list holds the records under its prefix, all of them, ordered by name", async () => {
        const [store, prefix] = [open(), uniquePrefix()];
        const names = ["b", "a", "c/2", "c/10", "B", "~", "-"].map((name) => `${prefix}${name}`);
        const written = await Promise.all(names.map((name) => created(store, name)));
        await created(store, `${prefix.slice(0, -1)}+`);
        const byName = (a: StoreRecord, b: StoreRecord) => (a.name < b.name ? -1 : 1);
        expect(await open().list(prefix, soon())).toEqual(written.toSorted(byName));
        expect((await store.list(`${prefix}c/`, soon())).map(({ name }) => name)).toEqual([
          `${prefix}c/10`,
          `${prefix}c/2`,
        ]);
      });

      test("names with odd characters are names like others", async () => {
        const [store, prefix] = [open(), uniquePrefix()];
        for (const odd of ODD_NAMES) {
          const record = await created(store, `${prefix}${odd}`);
          expect(await store.read(`${prefix}${odd}`, soon())).toEqual(record);
          expect(await store.list(`${prefix}${odd}`, soon())).toEqual([record]);
          expect((await store.cas(record.name, record, null, soon())).won).toBe(true);
        }
        expect(await store.list(prefix, soon())).toEqual([]);
      });

      test("a prefix is taken literally", async () => {
        const [store, prefix] = [open(), uniquePrefix()];
        await created(store, `${prefix}abc`);
        for (const pattern of ["a%", "a_c", "%", "_", "a*", "[a]", "A"])
          expect(await store.list(`${prefix}${pattern}`, soon())).toEqual([]);
      });

      test("a write and a list in one call: the list shows the state after the write", async () => {
        const [store, prefix] = [open(), uniquePrefix()];
        const other = await created(store, `${prefix}z`);
        const made = await store.casAndList(`${prefix}a`, null, uniqueValue(), prefix, soon());
        if (!made.won || made.record === null) throw new Error("a create without a rival was lost");
        expect(made.listed).toEqual([made.record, other]);

        const lost = await store.casAndList(`${prefix}a`, null, uniqueValue(), prefix, soon());
        expect(lost).toEqual({ won: false, current: made.record, listed: [made.record, other] });

        const elsewhere = await store.casAndList(other.name, other, uniqueValue(), `${prefix}a`, soon());
        expect(elsewhere.won).toBe(true);
        expect(elsewhere.listed).toEqual([made.record]);

        const gone = await store.casAndList(`${prefix}a`, made.record, null, prefix, soon());
        expect(gone.listed.map(({ name }) => name)).toEqual([other.name]);
      });
    });

    describeRaces(open);

    describe("unknown outcomes", () => {
      test("a write that is repeated byte for byte is adopted as won, with the record as it landed", async () => {
        const [store, name] = [open(), `${uniquePrefix()}a`];
        const first = await created(store, name);
        const value = uniqueValue();
        const landed = await store.cas(name, first, value, soon());
        expect(await open().cas(name, first, value, soon())).toEqual(landed);
        const listed = await store.casAndList(name, first, value, name, soon());
        expect(listed.won).toBe(true);
        expect(listed.listed).toEqual(landed.won && landed.record !== null ? [landed.record] : []);
      });

      test("a create that is repeated byte for byte is adopted as won", async () => {
        const [store, name] = [open(), `${uniquePrefix()}a`];
        const value = uniqueValue();
        const landed = await store.cas(name, null, value, soon());
        expect(await store.cas(name, null, value, soon())).toEqual(landed);
      });

      test("a write that is repeated after somebody else's is lost, with the current record", async () => {
        const [store, other, name] = [open(), open(), `${uniquePrefix()}a`];
        const first = await created(store, name);
        const value = uniqueValue();
        const landed = await store.cas(name, first, value, soon());
        const theirs = await replaced(other, landed.won ? landed.record! : first);
        expect(await store.cas(name, first, value, soon())).toEqual({ won: false, current: theirs });
      });

      test("a call whose signal is aborted already fails as unavailable and writes nothing", async () => {
        const [store, name] = [open(), `${uniquePrefix()}a`];
        await created(store, `${name}-warm`);
        const aborted = AbortSignal.abort(new Error("enough"));
        await expect(store.cas(name, null, uniqueValue(), aborted)).rejects.toBeInstanceOf(
          StoreUnavailableError,
        );
        await expect(store.read(name, aborted)).rejects.toBeInstanceOf(StoreUnavailableError);
        expect(await store.read(name, soon())).toBeNull();
      });
    });

    describe("a wiped store", () => {
      test("no record from before is ever current again, though revisions start over", async () => {
        await fixture().wipe();
        const [store, prefix] = [open(), uniquePrefix()];
        const before = await created(store, `${prefix}a`);
        const later = await replaced(store, before);
        await fixture().wipe();

        const fresh = open();
        expect(await fresh.read(`${prefix}a`, soon())).toBeNull();
        expect(await fresh.cas(`${prefix}a`, later, uniqueValue(), soon())).toEqual({
          won: false,
          current: null,
        });
        let current = await created(fresh, `${prefix}a`);
        for (let write = 0; write < 12; write++) {
          for (const old of [before, later]) {
            expect(current.version).not.toBe(old.version);
            expect(await fresh.cas(old.name, old, uniqueValue(), soon())).toEqual({ won: false, current });
          }
          current = await replaced(fresh, current);
        }
      });

      test("a client that was open all along works on", async () => {
        const [store, name] = [open(), `${uniquePrefix()}a`];
        await created(store, name);
        await fixture().wipe();
        const record = await created(store, name);
        expect(await open().read(name, soon())).toEqual(record);
      });
    });

    if (options.server) describeBrokenServer(() => fixture().server!, open);

    describe("watching", () => {
      test("a watch fires after a create, a replacement and a delete by another client", async () => {
        const [watcher, writer, prefix] = [open(), open(), uniquePrefix()];
        const changes = new Changes(watcher, prefix);
        await changes.established(writer, `${prefix}probe`);
        const first = await changes.after(() => created(writer, `${prefix}a`));
        const second = await changes.after(() => replaced(writer, first));
        await changes.after(() => writer.cas(second.name, second, null, soon()));
        changes.end();
      });

      test("a watch that was ended says no more", async () => {
        const [watcher, writer, prefix] = [open(), open(), uniquePrefix()];
        const [ended, other] = [new Changes(watcher, prefix), new Changes(watcher, prefix)];
        await ended.established(writer, `${prefix}probe`);
        await other.established(writer, `${prefix}probe`);
        ended.end();
        const count = ended.count;
        await other.after(() => created(writer, `${prefix}a`));
        expect(ended.count).toBe(count);
        other.end();
      });
    });

    describe("closing", () => {
      test("closing is idempotent, ends watches, and later calls fail as unavailable", async () => {
        const [store, writer, prefix] = [open(), open(), uniquePrefix()];
        const changes = new Changes(store, prefix);
        await changes.established(writer, `${prefix}probe`);
        await Promise.all([store.close(), store.close()]);
        await store.close();
        await expect(store.read(`${prefix}a`, soon())).rejects.toBeInstanceOf(StoreUnavailableError);
        await expect(store.cas(`${prefix}a`, null, uniqueValue(), soon())).rejects.toBeInstanceOf(
          StoreUnavailableError,
        );
        const count = changes.count;
        await created(writer, `${prefix}a`);
        await created(writer, `${prefix}b`);
        expect(changes.count).toBe(count);
      });

      test("a store that was never used closes", async () => {
        await open().close();
      });
    });
  });
}
