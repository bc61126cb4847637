/** URLs of the stores on servers. */
import { describe, expect, test } from "bun:test";
import { StoreUnusableError } from "@jeju-oracle/kit";
import { parseEtcdUrl } from "../../src/stores/etcd/etcd-url.ts";
import { parsePostgresUrl } from "../../src/stores/postgres/postgres-url.ts";

function refusalOf(parse: () => unknown): StoreUnusableError {
  try {
    parse();
  } catch (error) {
    if (error instanceof StoreUnusableError) return error;
    throw error;
  }
  throw new Error("the URL was taken");
}

describe("postgres://", () => {
  test("every part is read, percent-encoding undone", () => {
    expect(
      parsePostgresUrl(
        "postgres://o%40k:p%2Fw%3A%25@db.example.com:6432/or%20acle?sslmode=verify-ca&sslrootcert=/ca.pem&search_path=fleet",
      ),
    ).toEqual({
      hostname: "db.example.com",
      port: 6432,
      username: "o@k",
      password: "p/w:%",
      database: "or acle",
      tlsMode: "verify-ca",
      caFile: "/ca.pem",
      searchPath: "fleet",
    });
  });

  test("what is left out is libpq's: port 5432, the database of the user's name, TLS where the server has it", () => {
    expect(parsePostgresUrl("postgresql://oracle@[::1]")).toMatchObject({
      hostname: "::1",
      port: 5432,
      username: "oracle",
      password: "",
      database: "oracle",
      tlsMode: "prefer",
    });
  });

  test("an authority that is named is used to verify", () => {
    expect(parsePostgresUrl("postgres://a@h/d?sslrootcert=/ca.pem").tlsMode).toBe("verify-full");
  });

  test.each([
    ["not a url", "is not a URL"],
    ["postgres:///db", "names no host"],
    ["postgres://host/db", "names no user"],
    ["postgres://a:p%zz-hidden@h", "percent-encoded"],
    [
      "postgres://a:hidden@h/d?sslmod=require",
      "unknown parameter sslmod; known are sslmode, sslrootcert, search_path",
    ],
    [
      "postgres://a:hidden@h/d?sslmode=on",
      "sslmode that is not one of disable, prefer, require, verify-ca, verify-full",
    ],
    ["postgres://a:hidden@h/d?sslmode=require&sslrootcert=/ca.pem", "sslmode=require does not verify"],
  ])("%s is refused with the reason and an example, without the password", (url, reason) => {
    const refusal = refusalOf(() => parsePostgresUrl(url));
    expect(refusal.message).toContain(reason);
    expect(refusal.message).not.toContain("hidden");
    expect(refusal.nextStep).toContain("LEADER_LOCK_URL");
  });
});

describe("etcd://", () => {
  test("every part is read, percent-encoding undone", () => {
    expect(
      parseEtcdUrl(
        "etcd://o%40k:p%2Fw:%25@a.example:1,b.example,[::1]:3/jeju/prices/?tls=true&ca=/ca.pem&cert=/c.pem&key=/k.pem",
      ),
    ).toEqual({
      endpoints: ["https://a.example:1", "https://b.example:2379", "https://[::1]:3"],
      label: "etcd://a.example:1,b.example,[::1]:3",
      login: { name: "o@k", password: "p/w:%" },
      keyPrefix: "/jeju/prices/",
      caFile: "/ca.pem",
      certFile: "/c.pem",
      keyFile: "/k.pem",
    });
  });

  test("what is left out: port 2379, the prefix /oracle/, no login, no TLS", () => {
    for (const url of ["etcd://host", "etcd://host/", "etcd://host?tls=false"])
      expect(parseEtcdUrl(url)).toMatchObject({
        endpoints: ["http://host:2379"],
        keyPrefix: "/oracle/",
        login: undefined,
        caFile: undefined,
      });
  });

  test.each([
    ["http://host:2379", "is not an etcd:// URL"],
    ["etcd:///oracle", "names no host"],
    ["etcd://a:1,,b:2", "comma too many"],
    ["etcd://a:port", "has a host that is none: a:port"],
    ["etcd://user@host", "needs user and password together"],
    ["etcd://:hidden@host", "needs user and password together"],
    ["etcd://u:hidden%@host", "percent-encoded"],
    ["etcd://u:hidden@host?tls=yes", "neither true nor false"],
    ["etcd://host?ca=/ca.pem", "certificates without tls=true"],
    ["etcd://host?tls=true&cert=/c.pem", "needs cert and key together"],
    ["etcd://u:hidden@host?ttl=5", "unknown parameter ttl; known are tls, ca, cert, key"],
  ])("%s is refused with the reason and an example, without the password", (url, reason) => {
    const refusal = refusalOf(() => parseEtcdUrl(url));
    expect(refusal.message).toContain(reason);
    expect(refusal.message).not.toContain("hidden");
    expect(refusal.nextStep).toContain("LEADER_LOCK_URL");
  });
});
