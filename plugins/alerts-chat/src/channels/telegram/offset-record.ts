/**
 * Where polling goes on after a restart or at another agent: a record in the fleet's store. It only spares repeats. Without it
 * (no store, or one that is away) the Bot API still gives everything that was not confirmed, and handlers are idempotent.
 */
import { randomUUID } from "node:crypto";
import {
  decodeJson,
  describeError,
  type Logger,
  type SharedRecords,
  type StoreRecord,
} from "@jeju-oracle/kit";
import { z } from "zod";

const OFFSET_RECORD = "chat/telegram-offset";

const recordSchema = z.object({ bot: z.int(), offset: z.int(), nonce: z.string() });

export class OffsetRecord {
  readonly #records: SharedRecords;
  readonly #logger: Logger;
  #known: StoreRecord | null = null;
  #saved: number | undefined;

  constructor(records: SharedRecords, logger: Logger) {
    this.#records = records;
    this.#logger = logger;
  }

  /** Where `botId` was; undefined when nobody knows. Never rejects. */
  async load(botId: number): Promise<number | undefined> {
    if (!this.#records.available) return this.#saved;
    try {
      this.#known = await this.#records.read(OFFSET_RECORD);
    } catch (error) {
      this.#logger.warn("Telegram's offset cannot be read; the API tells where to go on", {
        error: describeError(error),
      });
      return undefined;
    }
    this.#saved = offsetIn(this.#known, botId);
    return this.#saved;
  }

  /** Writes `offset` when it is news and the store answers. Never rejects. */
  async save(botId: number, offset: number): Promise<void> {
    if (offset === this.#saved) return;
    if (!this.#records.available) {
      this.#saved = offset;
      return;
    }
    if (!this.#records.reachable()) return;
    const value = JSON.stringify({ bot: botId, offset, nonce: randomUUID() });
    try {
      const first = await this.#records.cas(OFFSET_RECORD, this.#known, value);
      // Only the holder of the chat lease writes: what else stands there is older, or of before a wipe.
      const result = first.won ? first : await this.#records.cas(OFFSET_RECORD, first.current, value);
      this.#known = result.won ? result.record : result.current;
      if (result.won) this.#saved = offset;
    } catch (error) {
      this.#logger.warn("Telegram's offset cannot be written; a takeover may see messages again", {
        error: describeError(error),
      });
    }
  }
}

function offsetIn(record: StoreRecord | null, botId: number): number | undefined {
  if (record === null) return undefined;
  const stored = decodeJson(recordSchema, record.value);
  // The numbers of another bot mean nothing here.
  return stored?.bot === botId ? stored.offset : undefined;
}
