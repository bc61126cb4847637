import { afterEach, describe, expect, test } from "bun:test";
import { registerUrlSecrets, systemClock } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { RpcEndpoint } from "../../src/rpc/endpoint.ts";
import { EndpointError, type EndpointFailure } from "../../src/rpc/rpc-errors.ts";
import { type Answer, FakeRpc, failure, hang, http, results } from "../support/fake-rpc.ts";

const KEY = "k3y0f4provider1234567890";
const ONE = [{ method: "eth_gasPrice", params: [] }];
const TWO = [...ONE, { method: "eth_blockNumber", params: [] }];
const DEADLINE_MS = 1_500;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function serve(answer: Answer): FakeRpc {
  const server = new FakeRpc(answer);
  cleanups.push(() => server.stop());
  return server;
}

function endpointOf(url: string, clock = new SimulatedClock()): RpcEndpoint {
  registerUrlSecrets(url);
  return new RpcEndpoint("Base", 1, url, clock);
}

/** The failure of a request, which must not show the key. */
async function failureOf(request: Promise<unknown>): Promise<EndpointError> {
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof EndpointError)) throw new Error(`not an endpoint error: ${error}`);
  const shown = [
    error.message,
    error.stack,
    error.nextStep,
    JSON.stringify(error.details),
    String(error.cause),
  ];
  for (const text of shown) expect(text).not.toContain(KEY);
  return error;
}

function raw(body: string): Answer {
  return () => new Response(body);
}

describe("well-formed answers", () => {
  test("a single call is sent alone, several as one batch in one HTTP request", async () => {
    const server = serve(results(({ method }) => method));
    const endpoint = endpointOf(server.url());
    expect(await endpoint.request(ONE, DEADLINE_MS)).toEqual([{ ok: true, result: "eth_gasPrice" }]);
    expect(await endpoint.request(TWO, DEADLINE_MS)).toEqual([
      { ok: true, result: "eth_gasPrice" },
      { ok: true, result: "eth_blockNumber" },
    ]);
    expect(server.requests.map((calls) => calls.length)).toEqual([1, 2]);
  });

  test("replies in any order reach their calls by id, and ids never repeat", async () => {
    const server = serve((calls) =>
      Response.json(calls.toReversed().map(({ id, method }) => ({ jsonrpc: "2.0", id, result: method }))),
    );
    const endpoint = endpointOf(server.url());
    const replies = await Promise.all([
      endpoint.request(TWO, DEADLINE_MS),
      endpoint.request(TWO, DEADLINE_MS),
    ]);
    for (const pair of replies) {
      expect(pair).toEqual([
        { ok: true, result: "eth_gasPrice" },
        { ok: true, result: "eth_blockNumber" },
      ]);
    }
    const ids = server.requests.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });

  test("a null result is a result", async () => {
    const endpoint = endpointOf(serve(results(() => null)).url());
    expect(await endpoint.request(ONE, DEADLINE_MS)).toEqual([{ ok: true, result: null }]);
  });

  test("a call's own error is a reply, with its revert data wherever the node put it", async () => {
    const error = (data: unknown) => ({ ok: false, error: { code: 3, message: "execution reverted", data } });
    const ask = async (data: Parameters<typeof failure>[2]) =>
      (await endpointOf(serve(failure(3, "execution reverted", data)).url()).request(ONE, DEADLINE_MS))[0];
    expect(await ask("0x82b42900")).toEqual(error("0x82b42900") as never);
    expect(await ask({ data: "0x82b42900" })).toEqual(error("0x82b42900") as never);
    expect(await ask("Reverted 0x82")).toEqual(error(undefined) as never);
    expect(await ask(undefined)).toEqual(error(undefined) as never);
  });
});

describe("error: anything else is the endpoint's failure, by kind", () => {
  const rows: readonly (readonly [string, EndpointFailure, Answer, calls?: typeof ONE])[] = [
    ["a web page", "garbage", raw("<!doctype html><html><body>502</body></html>")],
    ["truncated JSON", "garbage", raw('{"jsonrpc":"2.0","id":1,"resu')],
    ["an empty body", "garbage", raw("")],
    ["JSON that is no reply", "garbage", raw('"0x1"')],
    ["a reply without id", "garbage", raw('{"jsonrpc":"2.0","result":"0x1"}')],
    ["a reply with another id", "garbage", raw('{"jsonrpc":"2.0","id":999,"result":"0x1"}')],
    ["a reply with its id as text", "garbage", raw('{"jsonrpc":"2.0","id":"1","result":"0x1"}')],
    ["a reply without result and error", "garbage", raw('{"jsonrpc":"2.0","id":1}')],
    ["a missing reply", "garbage", raw('[{"jsonrpc":"2.0","id":1,"result":"0x1"}]'), TWO],
    ["an empty batch", "garbage", raw("[]"), TWO],
    ["a single reply to a batch", "garbage", raw('{"jsonrpc":"2.0","id":1,"result":"0x1"}'), TWO],
    [
      "a refused batch",
      "rpc-error",
      raw('{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch not allowed"}}'),
      TWO,
    ],
    [
      "a refused request without id",
      "rpc-error",
      raw('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}'),
    ],
    ["HTTP 500", "http-error", http(500, "boom")],
    ["HTTP 401", "http-error", http(401, `invalid key ${KEY}`)],
    ["HTTP 404 with a JSON body", "http-error", http(404, '{"jsonrpc":"2.0","id":1,"result":"0x1"}')],
    ["HTTP 429", "rate-limited", http(429, "slow down")],
    ["a rate limit by its code", "rate-limited", failure(-32005, "daily request count exceeded")],
    ["a rate limit by code 429", "rate-limited", failure(429, "compute units exceeded")],
    ["a rate limit by its words", "rate-limited", failure(-32000, "Too Many Requests"), TWO],
    [
      "a rate limit without id",
      "rate-limited",
      raw('{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"limit exceeded"}}'),
    ],
    [
      "a rate limit for a batch",
      "rate-limited",
      raw('{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"rate limit"}}'),
      TWO,
    ],
  ];
  for (const [name, kind, answer, calls = ONE] of rows) {
    test(`${name} is ${kind}`, async () => {
      const endpoint = endpointOf(serve(answer).url(`/v2/${KEY}`));
      expect((await failureOf(endpoint.request(calls, DEADLINE_MS))).kind).toBe(kind);
    });
  }

  test("an answer that stays out is a timeout at the deadline, by the clock it was given", async () => {
    const server = serve(hang);
    const clock = new SimulatedClock();
    const arrived = server.nextRequest();
    const request = failureOf(endpointOf(server.url(`/v2/${KEY}`), clock).request(ONE, DEADLINE_MS));
    await arrived;
    await clock.advance(DEADLINE_MS);
    expect(await request).toMatchObject({ kind: "timeout", message: "Base RPC 1: no answer within 1500 ms" });
  });

  test("a body that stops halfway is a timeout, too", async () => {
    const server = serve(
      () =>
        new Response(
          new ReadableStream({
            start: (controller) => controller.enqueue(new TextEncoder().encode('{"jsonrpc":"2.0",')),
          }),
        ),
    );
    const clock = new SimulatedClock();
    const arrived = server.nextRequest();
    const request = failureOf(endpointOf(server.url(), clock).request(ONE, DEADLINE_MS));
    await arrived;
    await clock.advance(DEADLINE_MS);
    expect((await request).kind).toBe("timeout");
  });

  test("an endless body is cut off at 4 MB, long before the deadline", async () => {
    const chunk = new Uint8Array(500_000).fill(32);
    let sentBytes = 0;
    const server = serve(
      () =>
        new Response(
          new ReadableStream({
            pull(controller) {
              sentBytes += chunk.byteLength;
              controller.enqueue(chunk);
            },
          }),
        ),
    );
    const error = await failureOf(endpointOf(server.url()).request(ONE, DEADLINE_MS));
    expect(error).toMatchObject({
      kind: "garbage",
      message: expect.stringContaining("more than 4000000 bytes"),
    });
    expect(sentBytes).toBeLessThan(40_000_000);
  });

  test("a large answer within the limit is read whole, multi-byte characters included", async () => {
    const text = "é".repeat(1_500_000);
    const replies = await endpointOf(serve(results(() => text)).url()).request(ONE, DEADLINE_MS);
    expect(replies[0]?.ok === true && replies[0].result === text).toBe(true);
  });

  test("a redirect is not followed: it could lead anywhere", async () => {
    const target = serve(results(() => "0x1"));
    const server = serve(() => Response.redirect(target.url(`/v2/${KEY}`), 307));
    const error = await failureOf(endpointOf(server.url(`/v2/${KEY}`)).request(ONE, DEADLINE_MS));
    expect(error.kind).toBe("unreachable");
    expect(target.requests).toEqual([]);
  });

  test("a refused connection is unreachable and shows no key", async () => {
    const server = serve(hang);
    const url = server.url(`/v2/${KEY}?token=${KEY}`);
    await server.stop();
    const error = await failureOf(endpointOf(url, undefined).request(ONE, DEADLINE_MS));
    expect(error.kind).toBe("unreachable");
  });

  test("a connection that breaks off in the middle of an answer is unreachable", async () => {
    const listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket) {
          socket.end(
            'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"jsonrpc"',
          );
        },
      },
    });
    cleanups.push(() => listener.stop(true));
    const endpoint = endpointOf(`http://127.0.0.1:${listener.port}/v2/${KEY}`);
    const error = await failureOf(endpoint.request(ONE, DEADLINE_MS));
    expect(["unreachable", "garbage"]).toContain(error.kind);
  });
});

describe("secrets", () => {
  test("a key that the provider repeats in its error does not get into ours", async () => {
    const message = `${"x".repeat(290)} project id ${KEY} is over its limit`;
    for (const calls of [ONE, TWO]) {
      const body = JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32600, message } });
      const endpoint = endpointOf(serve(raw(body)).url(`/v2/${KEY}`));
      const error = await failureOf(endpoint.request(calls, DEADLINE_MS));
      expect(error.message).not.toContain(KEY.slice(0, 8));
    }
    const replying = endpointOf(serve(failure(-32000, message)).url(`/v2/${KEY}`));
    const [reply] = await replying.request(ONE, DEADLINE_MS);
    expect(JSON.stringify(reply)).not.toContain(KEY.slice(0, 8));
  });

  test("label and host show chain, position and host only", () => {
    const endpoint = endpointOf(`https://ada:${KEY}@rpc.example.com/v2/${KEY}?token=${KEY}`);
    expect([endpoint.label, endpoint.host]).toEqual(["Base RPC 1", "https://rpc.example.com"]);
  });
});

describe("a caller that gives up", () => {
  test("gets its own reason, not an endpoint's failure", async () => {
    const server = serve(hang);
    const controller = new AbortController();
    const arrived = server.nextRequest();
    const request = endpointOf(server.url(), new SimulatedClock()).request(
      ONE,
      DEADLINE_MS,
      controller.signal,
    );
    await arrived;
    controller.abort(new Error("stopping"));
    await expect(request).rejects.toThrow("stopping");
  });

  test("with the host's clock, a hanging endpoint costs its deadline", async () => {
    const endpoint = new RpcEndpoint("Base", 0, serve(hang).url(), systemClock);
    const startedAtMs = performance.now();
    expect((await failureOf(endpoint.request(ONE, 60))).kind).toBe("timeout");
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
  });
});
