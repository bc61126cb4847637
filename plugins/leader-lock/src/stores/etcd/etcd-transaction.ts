/**
 * The port's writes as etcd transactions, and their answers as the port's results. Pure. In JSON etcd's bytes are base64,
 * its 64-bit numbers are strings, and what is false, zero or empty is left out:
 * https://etcd.io/docs/v3.4/dev-guide/api_reference_v3/
 */
import { type CompareAndSetAndListResult, InvariantError, type StoreRecord } from "@jeju-oracle/kit";
import { z } from "zod";
import { revisionOf, versionOf } from "../version.ts";

const keyValue = z.object({ key: z.string(), mod_revision: z.string(), value: z.string().default("") });
type KeyValue = z.infer<typeof keyValue>;

export const rangeAnswer = z.object({ kvs: z.array(keyValue).default([]) });

export const transactionAnswer = z.object({
  header: z.object({ revision: z.string() }),
  succeeded: z.boolean().default(false),
  responses: z.array(z.object({ response_range: rangeAnswer.optional() })).default([]),
});

/** No key ever has it, so a comparison with it is false. */
const NO_REVISION = "-1";
/** What a key that does not exist compares as. */
const ABSENT_REVISION = "0";

/** Where the records of one fleet are. */
export class EtcdKeys {
  readonly #prefix: string;

  /** @param prefix what every key begins with */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The key of a record. */
  one(name: string): { readonly key: string } {
    return { key: base64(Buffer.from(this.#prefix + name)) };
  }

  /** The keys of all records whose name starts with `namePrefix`. */
  under(namePrefix: string): { readonly key: string; readonly range_end: string } {
    const first = Buffer.from(this.#prefix + namePrefix);
    // The first key behind them. UTF-8 has no byte 0xff, so there is one of the same length.
    const end = Buffer.from(first);
    end.writeUInt8(end.readUInt8(end.length - 1) + 1, end.length - 1);
    return { key: base64(first), range_end: base64(end) };
  }

  record({ key, mod_revision, value: encoded }: KeyValue): StoreRecord {
    const value = text(encoded);
    return { name: text(key).slice(this.#prefix.length), version: versionOf(mod_revision, value), value };
  }
}

/** One write of the port. */
export interface Write {
  readonly name: string;
  readonly previous: StoreRecord | null;
  readonly next: string | null;
  /** What to list in the same transaction; null: nothing. */
  readonly listedPrefix: string | null;
}

/** Compares revision and value, since after a wipe etcd counts revisions from one again. */
export function transactionFor(keys: EtcdKeys, { name, previous, next, listedPrefix }: Write): object {
  const key = keys.one(name);
  const list = listedPrefix === null ? [] : [{ request_range: keys.under(listedPrefix) }];
  const write =
    next === null
      ? { request_delete_range: key }
      : { request_put: { ...key, value: base64(Buffer.from(next)) } };
  return {
    compare: [
      {
        ...key,
        target: "MOD",
        result: "EQUAL",
        mod_revision: previous === null ? ABSENT_REVISION : (revisionOf(previous.version) ?? NO_REVISION),
      },
      ...(previous === null
        ? []
        : [{ ...key, target: "VALUE", result: "EQUAL", value: base64(Buffer.from(previous.value)) }]),
    ],
    success: [write, ...list],
    failure: [{ request_range: key }, ...list],
  };
}

/** What became of the write that {@link transactionFor} asked for. */
export function resultOf(
  keys: EtcdKeys,
  { name, next }: Write,
  { header, succeeded, responses }: z.infer<typeof transactionAnswer>,
): CompareAndSetAndListResult {
  const [first, second] = responses;
  const listed = (second?.response_range?.kvs ?? []).map((each) => keys.record(each));
  if (succeeded) {
    const record = next === null ? null : { name, version: versionOf(header.revision, next), value: next };
    return { won: true, record, listed };
  }
  if (first?.response_range === undefined)
    throw new InvariantError("etcd lost a comparison without a reading");
  const [found] = first.response_range.kvs;
  const current = found === undefined ? null : keys.record(found);
  // The write had landed before, and its caller did not hear of it.
  if ((current?.value ?? null) === next) return { won: true, record: current, listed };
  return { won: false, current, listed };
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64");
}

function text(encoded: string): string {
  return Buffer.from(encoded, "base64").toString("utf8");
}
