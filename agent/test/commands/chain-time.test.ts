import { afterAll, describe, expect, test } from "bun:test";
import { ConfigError, scrubSecrets, systemClock } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { readChainTime } from "../../src/commands/support/chain-time.ts";

const KEY = "provider-key-0123456789";
const NEVER = new AbortController().signal;
const servers: Bun.Server<undefined>[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop(true);
});

function endpoint(answer: (body: unknown) => Response | Promise<Response>): string {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => answer(await request.json()),
  });
  servers.push(server);
  return `http://127.0.0.1:${server.port}/v2/${KEY}`;
}

function block(timestamp: unknown): () => Response {
  return () => Response.json({ jsonrpc: "2.0", id: 1, result: { number: "0x1", timestamp } });
}

const read = (...urls: string[]) => readChainTime({ JEJU_RPC_URLS: urls.join(",") }, systemClock, NEVER);
const nowHex = () => `0x${Math.floor(systemClock.wallMs() / 1_000).toString(16)}`;

async function failure(reading: Promise<unknown>): Promise<Error> {
  const error = await reading.catch((reason: unknown) => reason);
  if (error instanceof Error) return error;
  throw new Error("it was read");
}

describe("Jeju's time", () => {
  test("is the timestamp of the latest block", async () => {
    let asked: unknown;
    const url = endpoint((body) => {
      asked = body;
      return block("0x65f00000")();
    });
    expect((await read(url)).timeS).toBe(0x65f00000n);
    expect(asked).toMatchObject({ method: "eth_getBlockByNumber", params: ["latest", false] });
  });

  test("comes from the next endpoint when one is down, refuses or answers nonsense", async () => {
    const good = endpoint(block(nowHex()));
    const bad = [
      "http://127.0.0.1:9/",
      endpoint(() => new Response("busy", { status: 429 })),
      endpoint(() => new Response("<html>")),
      endpoint(() => Response.json({ error: { code: -32000 } })),
      endpoint(block("yesterday")),
      endpoint(block(1_700_000_000)),
    ];
    expect((await read(...bad, good)).note).toBeUndefined();
  });

  test("that no endpoint tells is an error that names each, without its key", async () => {
    const error = await failure(
      read(
        "http://127.0.0.1:9/",
        endpoint(() => new Response("", { status: 500 })),
      ),
    );
    expect(error).toMatchObject({ code: "chain-time-unknown", retryable: true });
    expect(error.message).toContain("http://127.0.0.1:9: ");
    expect(error.message).toContain("HTTP status 500");
    expect(scrubSecrets(error.message)).not.toContain(KEY);
  });

  test("is waited for 5 s at each endpoint", async () => {
    const clock = new SimulatedClock();
    const asked = Promise.withResolvers<void>();
    const silent = endpoint(() => {
      asked.resolve();
      return new Promise<Response>(() => undefined);
    });
    const reading = failure(readChainTime({ JEJU_RPC_URLS: silent }, clock, NEVER));
    await asked.promise;
    await clock.advance(5_000);
    expect((await reading).message).toContain("did not finish within 5000 ms");
  });

  test("that differs from this host's clock by minutes is told", async () => {
    const clock = new SimulatedClock(1_700_000_000_000);
    const at = (seconds: number) => endpoint(block(`0x${seconds.toString(16)}`));
    const note = async (seconds: number) =>
      (await readChainTime({ JEJU_RPC_URLS: at(seconds) }, clock, NEVER)).note;
    expect(await note(1_700_000_000 - 600)).toMatch(
      /^The latest block of http:\/\/127\.0\.0\.1:\d+ is 10 min behind/,
    );
    expect(await note(1_700_000_000 + 600)).toContain("10 min ahead of");
    expect(await note(1_700_000_000 + 60)).toBeUndefined();
  });

  test("needs JEJU_RPC_URLS, and nothing else of an agent", async () => {
    const error = await failure(readChainTime({}, systemClock, NEVER));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain("JEJU_RPC_URLS: is required but not set");
  });
});
