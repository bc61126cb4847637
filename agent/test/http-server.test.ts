import { afterEach, describe, expect, test } from "bun:test";
import { ConfigError, Secret } from "@jeju-oracle/kit";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import { type HttpPage, jsonReply } from "../src/http-reply.ts";
import { type HttpServer, startHttpServer } from "../src/http-server.ts";

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.stop();
});

function serve(pages: readonly HttpPage[]) {
  const clock = new SimulatedClock();
  const log = captureLog();
  const server = startHttpServer({ port: 0, host: "127.0.0.1" }, { clock, logger: log.logger });
  open.push(server);
  server.mount(pages);
  return { url: `http://127.0.0.1:${server.port}`, server, clock, log };
}

const hello: HttpPage = {
  method: "GET",
  path: "/hello",
  handler: async () => jsonReply(200, { hello: true }),
};

describe("http server", () => {
  test("serves a page to GET and HEAD, and lets nobody cache it", async () => {
    const { url } = serve([hello]);
    const reply = await fetch(`${url}/hello?x=1`);
    expect(await reply.json()).toEqual({ hello: true });
    expect(reply.headers.get("cache-control")).toBe("no-store");
    const head = await fetch(`${url}/hello`, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe("");
  });

  test("answers an unknown path with 404 and the paths there are", async () => {
    const { url } = serve([hello]);
    const reply = await fetch(`${url}/helo`);
    expect(reply.status).toBe(404);
    expect(await reply.json()).toEqual({ error: "there is no /helo", paths: ["/hello"] });
  });

  test("answers a wrong method with 405 and the methods there are", async () => {
    const { url } = serve([hello]);
    const reply = await fetch(`${url}/hello`, { method: "POST", body: "{}" });
    expect(reply.status).toBe(405);
    expect(reply.headers.get("allow")).toBe("GET, HEAD");
  });

  test("gives a handler the parsed body, and answers 400 to a body that is not JSON", async () => {
    const { url } = serve([
      {
        method: "POST",
        path: "/echo",
        handler: async ({ body, url: asked }) => jsonReply(200, [body, asked.search]),
      },
    ]);
    const post = (body: string) => fetch(`${url}/echo?a=b`, { method: "POST", body });
    expect(await (await post('{"x":1}')).json()).toEqual([{ x: 1 }, "?a=b"]);
    expect((await post("{x")).status).toBe(400);
  });

  test("answers 500 without a stack when a handler throws, and the log says why", async () => {
    const { url, log } = serve([
      { method: "GET", path: "/bad", handler: () => Promise.reject(new Error("the reason")) },
      {
        method: "GET",
        path: "/worse",
        handler: () => {
          throw new Error("a synchronous reason");
        },
      },
    ]);
    for (const path of ["/bad", "/worse"]) {
      const reply = await fetch(url + path);
      expect(reply.status).toBe(500);
      const text = await reply.text();
      expect(text).not.toContain("reason");
      expect(text).not.toContain(".ts");
    }
    expect(log.matching("the reason")).toHaveLength(1);
    expect(log.matching("a synchronous reason")).toHaveLength(1);
  });

  test("answers 500 at the deadline when a handler hangs", async () => {
    const asked = Promise.withResolvers<void>();
    const { url, clock, log } = serve([
      {
        method: "GET",
        path: "/hang",
        handler: () => {
          asked.resolve();
          return new Promise<never>(() => undefined);
        },
      },
    ]);
    const reply = fetch(`${url}/hang`);
    await asked.promise;
    await clock.advance(5_000);
    expect((await reply).status).toBe(500);
    expect(log.matching("page /hang did not finish within 5000 ms")).toHaveLength(1);
  });

  test("removes registered secrets from every page", async () => {
    const secret = "a-secret-on-a-page";
    new Secret(secret);
    const { url } = serve([
      { method: "GET", path: "/leak", handler: async () => jsonReply(200, { secret }) },
    ]);
    expect(await (await fetch(`${url}/leak`)).text()).not.toContain(secret);
    expect(await (await fetch(`${url}/${secret}`)).text()).not.toContain(secret);
  });

  test("a page mounted later replaces the one before it", async () => {
    const { url, server } = serve([hello]);
    server.mount([{ ...hello, handler: async () => jsonReply(200, { hello: "again" }) }]);
    expect(await (await fetch(`${url}/hello`)).json()).toEqual({ hello: "again" });
  });

  test("refuses a port in use, naming the variable", () => {
    const { server, clock, log } = serve([]);
    const again = () =>
      startHttpServer({ port: server.port, host: "127.0.0.1" }, { clock, logger: log.logger });
    expect(again).toThrow(ConfigError);
    expect(again).toThrow(`HEALTH_CHECK_PORT: port ${server.port} is in use by another process`);
  });

  test("refuses an address that this host does not have, naming the variable", () => {
    const other = () =>
      startHttpServer(
        { port: 0, host: "203.0.113.1" },
        { clock: new SimulatedClock(), logger: captureLog().logger },
      );
    expect(other).toThrow(ConfigError);
    expect(other).toThrow("HEALTH_CHECK_HOST: 203.0.113.1 port 0 cannot be opened");
  });
});
