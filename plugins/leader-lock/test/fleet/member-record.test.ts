import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  decodeMember,
  decodeReport,
  encodeMember,
  encodeReport,
  type FullReport,
} from "../../src/fleet/member-record.ts";
import { identityOf, reportWith } from "./support/listings.ts";

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const price = optional(fc.bigInt({ min: 0n, max: 2n ** 200n }));
const report: fc.Arbitrary<FullReport> = fc.record({
  version: fc.string(),
  configHash: fc.string(),
  priority: fc.integer(),
  nofailover: fc.boolean(),
  healthy: fc.boolean(),
  unhealthyReasons: fc.array(fc.string()),
  fit: fc.boolean(),
  unfitReasons: fc.array(fc.string()),
  lastUpdateMs: fc.integer(),
  chainEthUsd8: price,
  chainElizaUsd8: price,
  sourceEthUsd8: price,
  sourceElizaUsd8: price,
  decision: optional(fc.string()),
  wouldPush: optional(fc.string()),
  directiveId: optional(fc.string()),
  pausedBy: optional(fc.string()),
  inFlight: fc.boolean(),
  tag: optional(fc.string()),
  chatReachable: optional(fc.boolean()),
});

const present = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));

describe("a report", () => {
  test("reads as it was written, in a record of its own and inside a lease", () => {
    fc.assert(
      fc.property(report, fc.boolean(), (original, stopped) => {
        const inLease: unknown = JSON.parse(JSON.stringify(encodeReport(original)));
        expect(present(decodeReport(inLease)!)).toEqual(present(original));
        const written = { identity: identityOf("a"), stopped, timestamp: 1, nonce: "n", report: original };
        const read = decodeMember(encodeMember(written))!;
        expect(present(read.report)).toEqual(present(original));
        expect(read).toMatchObject({ identity: identityOf("a"), stopped, timestamp: 1 });
      }),
    );
  });

  test("that is none is undefined, never an error", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decodeMember(text)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(decodeReport(value)).toBeUndefined();
      }),
    );
  });

  test("with a price that is no number is none", () => {
    expect(decodeReport({ ...encodeReport(reportWith()), sourceEthUsd8: "1e9" })).toBeUndefined();
    expect(decodeReport({ ...encodeReport(reportWith()), sourceEthUsd8: "-1" })).toBeUndefined();
  });
});
