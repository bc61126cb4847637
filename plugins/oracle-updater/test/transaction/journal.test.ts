import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { Journal, JournalError, type JournalScope } from "../../src/transaction/journal.ts";
import { GWEI } from "../support/fixtures.ts";
import { entryAt, SCOPE } from "../support/journal-entries.ts";

let stateDir: string;
let clock: SimulatedClock;
let opened: Journal[];

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "journal-"));
  clock = new SimulatedClock();
  opened = [];
});

afterEach(() => {
  for (const journal of opened) journal.close();
  rmSync(stateDir, { recursive: true, force: true });
});

function open(scope: JournalScope = SCOPE, botId = "bot-1", directory = stateDir): Journal {
  const journal = new Journal(directory, botId, scope, clock);
  opened.push(journal);
  return journal;
}

function nonces(journal: Journal, latestNonce: number): number[] {
  return journal.open(latestNonce).map(({ nonce }) => nonce);
}

describe("own open transactions", () => {
  test("are those whose nonce is not used up", () => {
    const journal = open();
    for (const nonce of [5, 6, 7, 8]) journal.record(entryAt(nonce));
    expect(nonces(journal, 7)).toEqual([7, 8]);
    expect(nonces(journal, 9)).toEqual([]);
  });

  test("carry their fees and their age by the monotonic clock, untouched by wall-clock jumps", async () => {
    const journal = open();
    journal.record(entryAt(7));
    await clock.advance(1_500);
    clock.jumpWall(3_600_000);
    expect(journal.open(7)).toEqual([
      {
        hash: entryAt(7).hash,
        nonce: 7,
        harmless: false,
        maxFeePerGasWei: 3n * GWEI,
        maxPriorityFeePerGasWei: GWEI,
        ageMs: 1_500,
      },
    ]);
  });

  test("stay open whatever was noted of them: a reorganisation may revive one", () => {
    const journal = open();
    journal.record(entryAt(7));
    journal.noteOutcome(entryAt(7).hash, "landed");
    expect(nonces(journal, 7)).toEqual([7]);
  });

  test("at one nonce are all known, with their bytes, in the order of signing", () => {
    const journal = open();
    journal.record(entryAt(7, 2));
    journal.record(entryAt(7, 1));
    journal.record(entryAt(8));
    expect(journal.at(7)).toEqual([
      { hash: entryAt(7, 2).hash, raw: "0x02f8" },
      { hash: entryAt(7, 1).hash, raw: "0x02f8" },
    ]);
  });

  test("fees beyond what a float can hold survive exactly", () => {
    const journal = open();
    const maxFeePerGasWei = 2n ** 200n + 1n;
    journal.record({ ...entryAt(7), maxFeePerGasWei });
    expect(journal.open(7)[0]?.maxFeePerGasWei).toBe(maxFeePerGasWei);
  });

  test("a transaction that a node refused is forgotten, the others are not", () => {
    const journal = open();
    journal.record(entryAt(7, 1));
    journal.record(entryAt(7, 2));
    journal.forgetRefused(entryAt(7, 1).hash);
    expect(journal.at(7).map(({ hash }) => hash)).toEqual([entryAt(7, 2).hash]);
    expect(journal.knows(entryAt(7, 1).hash)).toBe(false);
    expect(journal.knows(entryAt(7, 2).hash)).toBe(true);
  });
});

describe("a restart", () => {
  test("remembers what was signed, as past its deadline", async () => {
    open().record(entryAt(7));
    opened.pop()?.close();
    await clock.advance(10);
    expect(open().open(7)).toMatchObject([{ nonce: 7, ageMs: Number.POSITIVE_INFINITY }]);
  });

  test("tells its own new entries from those of the earlier run", async () => {
    open().record(entryAt(7, 1));
    opened.pop()?.close();
    const journal = open();
    journal.record(entryAt(7, 2));
    await clock.advance(250);
    expect(journal.open(7).map(({ ageMs }) => ageMs)).toEqual([Number.POSITIVE_INFINITY, 250]);
  });

  test("G2: kill -9 between journal and wire leaves the entry on disk", async () => {
    const script = join(import.meta.dir, "..", "support", "record-and-hang.ts");
    const child = Bun.spawn([process.execPath, script, stateDir], { stdout: "pipe", stderr: "inherit" });
    const { value } = await child.stdout.getReader().read();
    expect(new TextDecoder().decode(value)).toBe("journalled\n");
    child.kill("SIGKILL");
    await child.exited;
    expect(child.signalCode).toBe("SIGKILL");
    expect(open().open(7)).toMatchObject([
      { nonce: 7, hash: entryAt(7).hash, ageMs: Number.POSITIVE_INFINITY },
    ]);
  });

  test("keeps settings, and forgets those that were removed", () => {
    const journal = open();
    journal.writeSetting("pause", "a");
    journal.writeSetting("pause", "b");
    journal.writeSetting("gone", "c");
    journal.writeSetting("gone", undefined);
    opened.pop()?.close();
    expect(open().readSetting("pause")).toBe("b");
    expect(open().readSetting("gone")).toBeUndefined();
  });
});

describe("scope", () => {
  test("entries of another chain or sender are invisible", () => {
    open().record(entryAt(7));
    expect(nonces(open({ ...SCOPE, chainId: 420691 }), 0)).toEqual([]);
    expect(nonces(open({ ...SCOPE, sender: "0x00000000000000000000000000000000000000bb" }), 0)).toEqual([]);
    expect(nonces(open(), 0)).toEqual([7]);
  });

  test("two bots in one directory have a journal each", () => {
    open(SCOPE, "bot-1").record(entryAt(7));
    expect(nonces(open(SCOPE, "bot-2"), 0)).toEqual([]);
  });

  test("pruning drops only nonces used up long ago, of this chain and sender", () => {
    const other = open({ ...SCOPE, chainId: 420691 });
    other.record(entryAt(1, 500));
    const journal = open();
    for (const nonce of [1, 1_000, 1_001]) journal.record(entryAt(nonce));
    journal.prune(2_001);
    expect(nonces(journal, 0)).toEqual([1_001]);
    expect(nonces(other, 0)).toEqual([1]);
  });
});

describe("error: a journal that cannot be used", () => {
  test("a state directory that is a file is refused, with path and cure", () => {
    const file = join(stateDir, "not-a-directory");
    writeFileSync(file, "");
    expect(() => open(SCOPE, "bot-1", join(file, "state"))).toThrow(JournalError);
    try {
      open(SCOPE, "bot-1", join(file, "state"));
    } catch (error) {
      expect(error).toMatchObject({
        code: "journal-unusable",
        details: { path: join(file, "state", "journal-bot-1.sqlite") },
        nextStep: expect.stringContaining("STATE_DIR"),
      });
    }
  });

  test("a file that is no database is refused, and left as it is", () => {
    const path = join(stateDir, "journal-bot-1.sqlite");
    writeFileSync(path, "this is not a database, but it may be somebody's notes. ".repeat(40));
    expect(() => open()).toThrow(JournalError);
    expect(statSync(path).size).toBeGreaterThan(2_000);
  });

  test("writing after closing is refused, so that nothing is sent unjournalled", () => {
    const journal = open();
    journal.close();
    opened = [];
    expect(() => journal.record(entryAt(7))).toThrow(JournalError);
  });

  test("the same signed bytes are never journalled twice", () => {
    const journal = open();
    journal.record(entryAt(7));
    expect(() => journal.record(entryAt(7))).toThrow(JournalError);
  });

  test("the directory is created for this user only", () => {
    const nested = join(stateDir, "a", "b");
    open(SCOPE, "bot-1", nested);
    expect(statSync(nested).mode & 0o777).toBe(0o700);
  });
});
