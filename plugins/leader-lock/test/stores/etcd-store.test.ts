/** What is particular to etcd: its members, its users, TLS, and what else may answer in its place. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import {
  type CoordinationStore,
  StoreUnavailableError,
  StoreUnusableError,
  silentLogger,
  systemClock,
} from "@jeju-oracle/kit";
import { openEtcdStore } from "../../src/stores/etcd-store.ts";
import { type Certificates, hasOpenssl, makeCertificates } from "../support/certificates.ts";
import { type CutProxy, startCutProxy } from "../support/cut-proxy.ts";
import { type EtcdServer, findEtcd, startEtcdServer } from "../support/etcd-server.ts";
import { endsAfterClosing, everythingOf, failureOf } from "./store-failures.ts";
import { Changes, created, replaced, soon, uniquePrefix, uniqueValue } from "./store-steps.ts";

const OP_TIMEOUT_MS = 3_000;
/** A loopback port that nobody can listen at without being root, and nobody does. */
const DEAD = "127.0.0.1:1";

const opened: CoordinationStore[] = [];
const open = (url: string) => {
  const store = openEtcdStore(url, { clock: systemClock, logger: silentLogger, opTimeoutMs: OP_TIMEOUT_MS });
  opened.push(store);
  return store;
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

const isMissing = findEtcd() === null;

describe.skipIf(isMissing)(`etcd store${isMissing ? ": etcd is not installed" : ""}`, () => {
  let server: EtcdServer;
  const proxies: CutProxy[] = [];

  beforeAll(async () => {
    server = await startEtcdServer();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  });
  afterAll(async () => {
    await server?.stop();
  }, 30_000);

  const host = () => `127.0.0.1:${server.port}`;
  const newProxy = async () => {
    const proxy = await startCutProxy(server.port);
    proxies.push(proxy);
    return proxy;
  };

  test("fleets with two prefixes do not meet, also when one is the beginning of the other", async () => {
    const [one, other] = [open(`etcd://${host()}/fleet`), open(`etcd://${host()}/fleet2`)];
    await created(one, "leader");
    expect(await other.read("leader", soon())).toBeNull();
    await created(other, "leader");
    expect(await one.list("", soon())).toHaveLength(1);
  });

  describe("members", () => {
    test("a dead first member costs a call nothing to speak of", async () => {
      const store = open(`etcd://${DEAD},${host()}`);
      const startedMs = performance.now();
      await created(store, `${uniquePrefix()}a`);
      expect(performance.now() - startedMs).toBeLessThan(OP_TIMEOUT_MS / 2);
    });

    test("a silent first member costs the first call its part of the deadline, and later calls nothing", async () => {
      const silent = await newProxy();
      silent.hang();
      const [store, name] = [open(`etcd://127.0.0.1:${silent.port},${host()}`), `${uniquePrefix()}a`];
      const deadline = AbortSignal.timeout(OP_TIMEOUT_MS);
      const made = await store.cas(name, null, uniqueValue(), deadline);
      if (!made.won || made.record === null) throw new Error("a create without a rival was lost");
      const first = made.record;
      const startedMs = performance.now();
      await replaced(store, first);
      expect(performance.now() - startedMs).toBeLessThan(OP_TIMEOUT_MS / 2);
    });

    test("a member that swallows the reply to a write: the next one adopts it as won", async () => {
      const [swallowing, name] = [await newProxy(), `${uniquePrefix()}a`];
      const store = open(`etcd://127.0.0.1:${swallowing.port},${host()}`);
      const first = await created(store, name);
      swallowing.dropReplies();
      const second = await replaced(store, first);
      expect(await open(`etcd://${host()}`).read(name, soon())).toEqual(second);
    });

    test("members that die one after the other are followed round in a circle", async () => {
      const [a, b] = [await newProxy(), await newProxy()];
      const store = open(`etcd://127.0.0.1:${a.port},127.0.0.1:${b.port}`);
      let record = await created(store, `${uniquePrefix()}a`);
      for (const [dies, lives] of [
        [a, b],
        [b, a],
        [a, b],
      ] as const) {
        lives.pass();
        dies.cut();
        record = await replaced(store, record);
      }
    });

    test("a watch moves to another member", async () => {
      const [a, b, prefix] = [await newProxy(), await newProxy(), uniquePrefix()];
      const watcher = open(`etcd://127.0.0.1:${a.port},127.0.0.1:${b.port}`);
      const writer = open(`etcd://${host()}`);
      const changes = new Changes(watcher, prefix);
      await changes.established(writer, `${prefix}probe`);
      a.cut();
      changes.count = 0;
      await changes.established(writer, `${prefix}probe`);
      await changes.after(() => created(writer, `${prefix}a`));
      changes.end();
    });

    test("when all are dead calls fail as unavailable, within their time", async () => {
      const store = open(`etcd://${DEAD},${DEAD},${DEAD},${DEAD}`);
      const startedMs = performance.now();
      expect(await failureOf(store)).toBeInstanceOf(StoreUnavailableError);
      expect(performance.now() - startedMs).toBeLessThan(OP_TIMEOUT_MS);
    });
  });

  test("a process whose store was closed ends by itself", async () => {
    await endsAfterClosing(
      import.meta.resolve("../../src/stores/etcd-store.ts"),
      "openEtcdStore",
      `etcd://${host()}`,
    );
  });

  describe("others in its place", () => {
    const answering = async (answer: () => Response): Promise<StoreUnavailableError | StoreUnusableError> => {
      await using other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
      return await failureOf(open(`etcd://127.0.0.1:${other.port}`));
    };

    test("a server without etcd's gateway is named as the trouble", async () => {
      const failure = await answering(() => new Response("not found", { status: 404 }));
      expect(failure).toBeInstanceOf(StoreUnusableError);
      expect(failure.nextStep).toContain("client port of etcd");
    });

    test.each([
      ["an overloaded proxy", () => new Response("<html>busy</html>", { status: 503 })],
      ["a page that is no JSON", () => new Response("<html>welcome</html>")],
      ["JSON of another kind", () => Response.json({ kvs: 7, header: null })],
      ["a redirect", () => Response.redirect("http://127.0.0.1:1/")],
    ])("%s fails as unavailable", async (_, answer) => {
      expect(await answering(answer)).toBeInstanceOf(StoreUnavailableError);
    });

    test("a store that is full says how to make room", async () => {
      const failure = await answering(() =>
        Response.json({ message: "etcdserver: mvcc: database space exceeded", code: 8 }, { status: 429 }),
      );
      expect(failure).toBeInstanceOf(StoreUnusableError);
      expect(failure.nextStep).toContain("defragment");
    });
  });
});

describe.skipIf(isMissing)(`etcd store with users${isMissing ? ": etcd is not installed" : ""}`, () => {
  const PASSWORD = "etcd-secret/9c2b%@x";
  const ROOT_PASSWORD = "root-secret-51aa";
  const TOKEN_TTL_S = 1;
  let server: EtcdServer;

  beforeAll(async () => {
    server = await startEtcdServer({ tokenTtlS: TOKEN_TTL_S });
    const store = open(url());
    // Users may be named before there are any.
    await created(store, "before-users");
    await administer("/auth/user/add", { name: "root", password: ROOT_PASSWORD });
    await administer("/auth/user/grant", { user: "root", role: "root" });
    await administer("/auth/user/add", { name: "oracle", password: PASSWORD });
    await administer("/auth/role/add", { name: "oracle" });
    const [key, range_end] = ["/oracle/", "/oracle0"].map((text) => Buffer.from(text).toString("base64"));
    await administer("/auth/role/grant", { name: "oracle", perm: { permType: "READWRITE", key, range_end } });
    await administer("/auth/user/grant", { user: "oracle", role: "oracle" });
    await administer("/auth/enable", {});
    await created(store, "with-users");
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
  }, 30_000);

  const url = (password = PASSWORD, prefix = "oracle") =>
    `etcd://oracle:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${prefix}`;
  const administer = async (path: string, body: object, token?: string) => {
    const headers = token === undefined ? {} : { Authorization: token };
    const response = await fetch(`${server.gatewayUrl}/v3${path}`, {
      ...{ method: "POST", headers, body: JSON.stringify(body) },
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return (await response.json()) as { token: string };
  };

  test("a client that named its user goes on when users are introduced", async () => {
    expect((await open(url()).list("", soon())).map(({ name }) => name)).toEqual([
      "before-users",
      "with-users",
    ]);
  });

  test("a login that has run out is repeated", async () => {
    const store = open(url());
    let record = await created(store, `${uniquePrefix()}a`);
    for (let round = 0; round < 2; round++) {
      await Bun.sleep(TOKEN_TTL_S * 1_000 + 1_500);
      record = await replaced(store, record);
    }
  }, 30_000);

  test("a watch logs in, too", async () => {
    const [watcher, writer, prefix] = [open(url()), open(url()), uniquePrefix()];
    const changes = new Changes(watcher, prefix);
    await changes.established(writer, `${prefix}probe`);
    await changes.after(() => created(writer, `${prefix}a`));
    changes.end();
  });

  test("a wrong password is refused at once, and shown nowhere", async () => {
    const password = "wrong-secret/0e3a%@x";
    const failure = await failureOf(open(url(password)));
    expect(failure).toBeInstanceOf(StoreUnusableError);
    expect(failure.nextStep).toContain("user and password in LEADER_LOCK_URL");
    for (const secret of [password, encodeURIComponent(password)])
      expect(everythingOf(failure)).not.toContain(secret);
    expect(open(url()).label).toBe(`etcd://127.0.0.1:${server.port}`);
  });

  test("a client without a user is told to name one", async () => {
    const failure = await failureOf(open(`etcd://127.0.0.1:${server.port}`));
    expect(failure).toBeInstanceOf(StoreUnusableError);
    expect(failure.nextStep).toContain("user:password@");
  });

  test("a user without rights on the keys is told which ones it needs, and works with them", async () => {
    const store = open(url(PASSWORD, "elsewhere"));
    const failure = await failureOf(store);
    expect(failure).toBeInstanceOf(StoreUnusableError);
    expect(failure.nextStep).toContain("readwrite /elsewhere/");
    const { token } = await administer("/auth/authenticate", { name: "root", password: ROOT_PASSWORD });
    const [key, range_end] = ["/elsewhere/", "/elsewhere0"].map((text) =>
      Buffer.from(text).toString("base64"),
    );
    await administer(
      "/auth/role/grant",
      { name: "oracle", perm: { permType: "READWRITE", key, range_end } },
      token,
    );
    await created(store, "leader");
  });
});

const isTlsMissing = isMissing || !hasOpenssl;

describe.skipIf(isTlsMissing)(
  `etcd store over TLS${isTlsMissing ? ": etcd or openssl is not installed" : ""}`,
  () => {
    let certificates: Certificates;
    let secure: EtcdServer;
    let elsewhere: EtcdServer;
    let mutual: EtcdServer;

    beforeAll(async () => {
      certificates = makeCertificates();
      const { caFile } = certificates;
      [secure, elsewhere, mutual] = await Promise.all([
        startEtcdServer({ tls: certificates.server }),
        startEtcdServer({ tls: certificates.elsewhere }),
        startEtcdServer({ tls: { ...certificates.server, clientCaFile: caFile } }),
      ]);
    }, 60_000);
    afterAll(async () => {
      await Promise.all([secure, elsewhere, mutual].map((server) => server?.stop()));
      certificates?.remove();
    }, 30_000);

    const url = (server: EtcdServer, files: Record<string, string>) =>
      `etcd://127.0.0.1:${server.port}/oracle?tls=true&${new URLSearchParams(files)}`;

    test("a server with a certificate of the named authority is used, its watches too", async () => {
      const [watcher, writer] = [0, 1].map(() => open(url(secure, { ca: certificates.caFile })));
      const prefix = uniquePrefix();
      const changes = new Changes(watcher!, prefix);
      await changes.established(writer!, `${prefix}probe`);
      await changes.after(() => created(writer!, `${prefix}a`));
      changes.end();
    });

    test("another authority, or a certificate for another host, is not believed", async () => {
      for (const store of [
        open(url(secure, { ca: certificates.otherCaFile })),
        open(`etcd://127.0.0.1:${secure.port}/oracle?tls=true`),
        open(url(elsewhere, { ca: certificates.caFile })),
      ]) {
        const failure = await failureOf(store);
        expect(failure).toBeInstanceOf(StoreUnusableError);
        expect(failure.nextStep).toContain("as ca in LEADER_LOCK_URL");
      }
    });

    test("a server that asks for the client's certificate gets it", async () => {
      const { caFile: ca, client } = certificates;
      await created(
        open(url(mutual, { ca, cert: client.certFile, key: client.keyFile })),
        `${uniquePrefix()}a`,
      );
      await failureOf(open(url(mutual, { ca })));
    });

    test("a file that cannot be read is named when the store is opened", () => {
      expect(() => open(url(secure, { ca: "/no/such/ca.pem" }))).toThrow("/no/such/ca.pem");
    });
  },
);
