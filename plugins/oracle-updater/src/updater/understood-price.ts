/** The price that was last understood, kept across a restart of the process. */
import type { Address } from "viem";
import { z } from "zod";
import type { KnownPrice } from "../oracle/attribution.ts";
import type { Journal } from "../transaction/journal.ts";

const decimal = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt);
const storedSchema = z.object({
  ethUsd8: decimal,
  elizaUsd8: decimal,
  lastUpdateS: decimal,
  blockNumber: decimal,
  atS: decimal,
});

/** Stores `price` as understood at chain time `atS`. @throws {JournalError} */
export function storeUnderstood(journal: Journal, oracle: Address, price: KnownPrice, atS: bigint): void {
  const { ethUsd8, elizaUsd8, lastUpdateS, blockNumber } = price;
  const fields = Object.entries({ ethUsd8, elizaUsd8, lastUpdateS, blockNumber, atS });
  journal.writeSetting(
    setting(oracle),
    JSON.stringify(Object.fromEntries(fields.map(([key, value]) => [key, `${value}`]))),
  );
}

/** What was stored; undefined when there is nothing, or nothing that can be read. */
export function readUnderstood(
  journal: Journal,
  oracle: Address,
): { readonly price: KnownPrice; readonly atS: bigint } | undefined {
  const text = journal.readSetting(setting(oracle));
  if (text === undefined) return undefined;
  const stored = storedSchema.safeParse(parseJson(text));
  if (!stored.success) return undefined;
  const { atS, ...price } = stored.data;
  return { price, atS };
}

function setting(oracle: Address): string {
  return `understood:${oracle.toLowerCase()}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
