import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Clock, type CoordinationStore, systemClock } from "@jeju-oracle/kit";
import { openFileStore } from "../../../src/stores/file/file-store.ts";
import { atOnce } from "./support/at-once.ts";
import { live, overwrite, scratchLock, uniqueValue } from "./support/scratch-store.ts";

/** Counts what a watch says; `next` waits for the next time. */
class Hints {
  count = 0;
  readonly end: () => void;
  #heard = Promise.withResolvers<void>();

  constructor(store: CoordinationStore, prefix: string) {
    this.end = store.watch(prefix, () => {
      this.count++;
      this.#heard.resolve();
      this.#heard = Promise.withResolvers<void>();
    });
  }

  next(): Promise<void> {
    return this.#heard.promise;
  }
}

test("hears of a write by another store, and reads what was written", async () => {
  using scratch = scratchLock();
  const [watching, writing] = [openFileStore(scratch.lockFile), openFileStore(scratch.lockFile)];
  const hints = new Hints(watching, "fleet/");
  const heard = hints.next();
  const record = await overwrite(writing);
  await heard;
  expect(await watching.read(record.name, live)).toEqual(record);
  await watching.close();
});

test("hears nothing of records under other prefixes", async () => {
  using scratch = scratchLock();
  const store = openFileStore(scratch.lockFile);
  const [fleet, history] = [new Hints(store, "fleet/"), new Hints(store, "history/")];
  for (let index = 0; index < 5; index++) {
    const heard = history.next();
    await overwrite(store, `history/${index}`);
    await heard;
  }
  expect(fleet.count).toBe(0);
  await store.close();
});

test("many writes at once are one hint", async () => {
  using scratch = scratchLock();
  const pending: (() => void)[] = [];
  let firstTimer = Promise.withResolvers<void>();
  const clock: Clock = {
    ...systemClock,
    setTimer(_delayMs, callback) {
      pending.push(callback);
      firstTimer.resolve();
      return () => undefined;
    },
  };
  const [held, free] = [openFileStore(scratch.lockFile, { clock }), openFileStore(scratch.lockFile)];
  const hints = new Hints(held, "fleet/");
  const barrier = new Hints(free, "fleet/");
  for (let round = 1; round <= 2; round++) {
    firstTimer = Promise.withResolvers();
    for (let index = 0; index < 20; index++) {
      atOnce(free.cas(`fleet/member/${round}-${index}`, null, uniqueValue(), live));
    }
    await Promise.all([firstTimer.promise, barrier.next()]);
    expect(pending).toHaveLength(1);
    pending.pop()?.();
    expect(hints.count).toBe(round);
  }
  await Promise.all([held.close(), free.close()]);
});

test("is silent, and throws nothing, where the store cannot be used or was removed", async () => {
  using scratch = scratchLock();
  mkdirSync(scratch.root);
  chmodSync(scratch.root, 0o777);
  const refused = openFileStore(scratch.lockFile);
  refused.watch("", () => undefined)();
  rmSync(scratch.root, { recursive: true });

  const store = openFileStore(scratch.lockFile);
  const hints = new Hints(store, "");
  const heard = hints.next();
  await overwrite(store);
  await heard;
  rmSync(scratch.root, { recursive: true });
  const record = await overwrite(store);
  expect(await store.list("", live)).toEqual([record]);
  hints.end();
  hints.end();
  await store.close();
  expect(store.watch("", () => undefined)).toBeFunction();
});

test("a process that watches ends by itself", async () => {
  using scratch = scratchLock();
  const module = join(import.meta.dir, "../../../src/stores/file/file-store.ts");
  const program = `
    import { openFileStore } from ${JSON.stringify(module)};
    const store = openFileStore(process.argv[1]);
    store.watch("", () => undefined);
    await store.cas("a", null, "{}", new AbortController().signal);
  `;
  const child = Bun.spawn([process.execPath, "-e", program, scratch.lockFile], {
    stdout: "inherit",
    stderr: "inherit",
  });
  expect(await child.exited).toBe(0);
});
