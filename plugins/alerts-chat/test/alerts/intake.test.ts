/** What the parts of an agent report, on its way to disk and store. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registerSecret, silentLogger } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { AlertBook } from "../../src/alerts/alert-book.ts";
import { AlertIntake } from "../../src/alerts/alert-intake.ts";
import { Ledger } from "../../src/alerts/ledger.ts";

const SECRET = "sk-of-a-provider-0123456789";
const directory = mkdtempSync(join(tmpdir(), "intake-"));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(clock: SimulatedClock) {
  const ledger = new Ledger(join(directory, "alerts.sqlite"), silentLogger);
  const nothing = () => undefined;
  const book = new AlertBook({ ledger, clock, logger: silentLogger, changed: nothing, unwritable: nothing });
  return { book, intake: new AlertIntake(book, "bot-1", clock) };
}

test("a secret in a condition stands neither in the record nor on disk", () => {
  registerSecret(SECRET);
  const { book, intake } = open(new SimulatedClock());
  const text = `the endpoint https://rpc.example/${SECRET} fails`;
  intake.raise({ key: "chain-unreachable", severity: "critical", summary: text, nextStep: text });
  book.close();
  expect(JSON.stringify(book.all())).toContain("rpc.example");
  expect(JSON.stringify(book.all())).not.toContain(SECRET);
  for (const file of readdirSync(directory))
    expect(readFileSync(join(directory, file)).includes(SECRET)).toBe(false);
});

test("after a restart an alert that nobody reports again is over; one that is reported again goes on", async () => {
  const clock = new SimulatedClock();
  const before = open(clock);
  for (const key of ["price-stale", "gas-too-high"])
    before.intake.raise({ key, severity: "critical", summary: key, nextStep: "look" });
  before.book.close();
  const { book, intake } = open(clock);
  intake.raise({ key: "price-stale", severity: "critical", summary: "price-stale", nextStep: "look" });
  intake.tick();
  expect(book.find("gas-too-high")?.resolvedAtMs).toBeUndefined();
  await clock.advance(120_000);
  intake.tick();
  expect(book.find("gas-too-high")?.resolvedAtMs).toBeNumber();
  expect(book.find("price-stale")).toMatchObject({ episode: 1, returns: 0 });
  expect(book.find("price-stale")?.resolvedAtMs).toBeUndefined();
  book.close();
});
