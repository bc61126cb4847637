import { describe, expect, test } from "bun:test";
import { InvariantError, StoreUnavailableError, silentLogger } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { openStore } from "../../src/stores/open-store.ts";
import { bounded, settledCas } from "../../src/stores/settled-cas.ts";
import { MemoryStoreServer, type StoreFault } from "../support/memory-store.ts";

const OP_TIMEOUT_MS = 1_000;

function make(...faults: readonly (StoreFault | undefined)[]) {
  const clock = new SimulatedClock();
  const server = new MemoryStoreServer();
  const due = [...faults];
  server.faultOf = () => due.shift();
  return { clock, server, access: { store: server.client(), clock, opTimeoutMs: OP_TIMEOUT_MS } };
}

const NEVER = { replyAfter: new Promise(() => undefined) };

describe("a write whose outcome is unknown", () => {
  test.each<[string, readonly StoreFault[]]>([
    ["was lost on its way", [{ drop: "request" }, { drop: "request" }]],
    ["landed, and its reply was lost", [{ drop: "reply" }, { drop: "reply" }]],
    ["landed, and its reply never came", [NEVER, NEVER]],
  ])("is repeated until it is known: it %s", async (_what, faults) => {
    const { clock, server, access } = make(...faults);
    const outcome = settledCas(access, "x", null, "mine");
    await clock.advance(3 * OP_TIMEOUT_MS);
    expect(await outcome).toMatchObject({ won: true });
    expect(server.peek("x")?.value).toBe("mine");
    expect(server.writes).toBe(1);
  });

  test("is given up after three tries", async () => {
    const { clock, server, access } = make(NEVER, NEVER, NEVER);
    const outcome = settledCas(access, "x", null, "mine").catch((error: unknown) => error);
    await clock.advance(10 * OP_TIMEOUT_MS);
    expect(await outcome).toBeInstanceOf(StoreUnavailableError);
    expect(server.operations.cas).toBe(3);
  });

  test("is a lost race when another was faster, at once", async () => {
    const { server, access } = make();
    server.compareAndSet("x", null, "theirs");
    expect(await settledCas(access, "x", null, "mine")).toMatchObject({ won: false });
    expect(server.operations.cas).toBe(1);
  });
});

test("a request ends at its deadline as one whose outcome is unknown", async () => {
  const { clock, access } = make();
  const outcome = bounded(access, "read", () => new Promise(() => undefined)).catch(
    (error: unknown) => error,
  );
  await clock.advance(OP_TIMEOUT_MS);
  expect(await outcome).toBeInstanceOf(StoreUnavailableError);
});

test("a store of an unknown scheme is a defect: the configuration refuses it before", async () => {
  const opened = openStore("redis://x", {
    opTimeoutMs: 1,
    clock: new SimulatedClock(),
    logger: silentLogger,
  });
  expect(await opened.catch((error: unknown) => error)).toBeInstanceOf(InvariantError);
});

test("a store is opened by its URL, several etcd hosts included, without asking it anything", async () => {
  const options = { opTimeoutMs: 1, clock: new SimulatedClock(), logger: silentLogger };
  for (const [url, label] of [
    ["etcd://127.0.0.1:1,127.0.0.1:2/oracle", "etcd://127.0.0.1:1,127.0.0.1:2"],
    ["postgres://oracle@127.0.0.1:1/oracle", "postgres://127.0.0.1:1"],
  ] as const) {
    const store = await openStore(url, options);
    expect(store.label).toStartWith(label);
    await store.close();
  }
});
