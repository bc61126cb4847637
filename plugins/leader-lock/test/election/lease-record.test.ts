import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeLease, encodeLease, isSameAgent, type LeaseRecord } from "../../src/election/lease-record.ts";
import { identityOf } from "../fleet/support/listings.ts";

const WHOLE: LeaseRecord = {
  term: 3,
  holder: {
    ...identityOf("a"),
    process: { bootId: "boot", pidNamespace: "pid:[1]", pid: 7, startTicks: "99" },
  },
  ttlMs: 20_000,
  timestamp: 1,
  nonce: "12345678",
  why: "released",
  from: "b",
  nominee: "c",
  revoked: true,
  quarantined: true,
  lockPlace: "here",
  report: { any: ["thing"] },
};

describe("a lease record", () => {
  test("reads as it was written", () => {
    expect(decodeLease(encodeLease(WHOLE))).toEqual(WHOLE);
  });

  test("that is none is undefined, never an error", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decodeLease(text)).toBeUndefined();
      }),
    );
  });

  test.each<[string, Record<string, unknown>]>([
    ["no term", { term: undefined }],
    ["half a term", { term: 1.5 }],
    ["a term below none", { term: -1 }],
    ["no word on its holder", { holder: undefined }],
    ["a holder without a name", { holder: { ...identityOf("a"), botId: "" } }],
    ["a ttl of nothing", { ttlMs: 0 }],
    ["a nonce that others may have", { nonce: "1" }],
    ["a revocation that is neither", { revoked: "yes" }],
  ])("with %s is none", (_what, changes) => {
    expect(decodeLease(JSON.stringify({ ...WHOLE, ...changes }))).toBeUndefined();
  });

  test("of a later version of this program, which tells more, is read", () => {
    expect(decodeLease(JSON.stringify({ ...WHOLE, colour: "blue" }))).toEqual(WHOLE);
  });
});

test("agents are the same by bot id and incarnation, wherever they are", () => {
  const a = identityOf("a", "one");
  expect(isSameAgent(a, { ...a, host: "moved", pid: 1 })).toBe(true);
  expect(isSameAgent(a, identityOf("a", "two"))).toBe(false);
  expect(isSameAgent(a, identityOf("b", "one"))).toBe(false);
});
