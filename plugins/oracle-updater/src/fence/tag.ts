/**
 * A short tag after the arguments of every update. The contract ignores it; it makes the bytes of two agents differ (so
 * that each can tell its own transaction from the other's) and lets anyone see which updates the fleet sent.
 */
import { concat, type Hex, hexToNumber, keccak256, numberToHex, size, slice, stringToHex } from "viem";

/** "JOF1": Jeju oracle fleet, format 1. */
const MAGIC: Hex = "0x4a4f4631";
const TAG_BYTES = 16;
const MAX_UINT32 = 0xffff_ffff;

export interface TagContent {
  readonly botId: string;
  readonly term: number;
  /** Differs between attempts, so that no two attempts have the same bytes. */
  readonly salt: number;
}

/** magic (4) | first bytes of keccak(botId) (4) | term (4) | salt (4). */
export function encodeTag({ botId, term, salt }: TagContent): Hex {
  return concat([
    MAGIC,
    botTag(botId),
    numberToHex(term % MAX_UINT32, { size: 4 }),
    numberToHex(salt % MAX_UINT32, { size: 4 }),
  ]);
}

/** The part of the tag that names a bot. */
export function botTag(botId: string): Hex {
  return slice(keccak256(stringToHex(botId)), 0, 4);
}

/** The {@link botTag} in calldata whose arguments end at `argumentsEnd` bytes; undefined without a fleet's tag behind them. */
export function readBotTag(calldata: Hex, argumentsEnd: number): Hex | undefined {
  const tagged =
    size(calldata) === argumentsEnd + TAG_BYTES && slice(calldata, argumentsEnd, argumentsEnd + 4) === MAGIC;
  return tagged ? slice(calldata, argumentsEnd + 4, argumentsEnd + 8) : undefined;
}

export interface UpdateTag {
  /** See {@link botTag}. */
  readonly botTag: Hex;
  readonly term: number;
}

/** Selector and two words of the oracle's `updatePrices`, selector and seven of the fenced updater's. */
const ARGUMENTS_ENDS = [4 + 2 * 32, 4 + 7 * 32] as const;

/** The fleet's tag in an update's calldata, whichever fence sent it; undefined without one. */
export function tagOfUpdate(calldata: Hex): UpdateTag | undefined {
  const tags = ARGUMENTS_ENDS.flatMap((end) => {
    const sender = readBotTag(calldata, end);
    if (sender === undefined) return [];
    return [{ botTag: sender, term: hexToNumber(slice(calldata, end + 8, end + 12)) }];
  });
  return tags[0];
}
