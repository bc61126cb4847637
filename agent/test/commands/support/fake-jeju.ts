/** A Jeju endpoint that knows one thing: the timestamp of its latest block. */
export interface FakeJeju extends AsyncDisposable {
  readonly url: string;
}

export function fakeJeju(timestampS: number): FakeJeju {
  const block = { number: "0x1", timestamp: `0x${timestampS.toString(16)}` };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => Response.json({ jsonrpc: "2.0", id: 1, result: block }),
  });
  return {
    url: `http://127.0.0.1:${server.port}/`,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
