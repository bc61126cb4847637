import { describe, expect, test } from "bun:test";
import { concat, encodeFunctionData, type Hex, keccak256, size, slice, stringToHex } from "viem";
import { botTag, encodeTag, readBotTag, type TagContent, tagOfUpdate } from "../../src/fence/tag.ts";
import { oracleAbi } from "../../src/oracle/abi.ts";

const ARGUMENTS_END = 4 + 2 * 32;
const CALLDATA = encodeFunctionData({
  abi: oracleAbi,
  functionName: "updatePrices",
  args: [310_000_000_000n, 12_400_000n],
});
const CONTENT: TagContent = { botId: "bot-aws-1", term: 7, salt: 0xdeadbeef };

describe("fleet tag", () => {
  test("names the bot that sent it, whatever its term", () => {
    for (const term of [0, 7, 2 ** 31]) {
      const calldata = concat([CALLDATA, encodeTag({ ...CONTENT, term })]);
      expect(readBotTag(calldata, ARGUMENTS_END)).toBe(botTag(CONTENT.botId));
    }
    expect(botTag("bot-aws-1")).toBe(slice(keccak256(stringToHex("bot-aws-1")), 0, 4));
  });

  test("is found with its term behind an update of either fence, and nowhere else", () => {
    const fenced = `0x${"11".repeat(4 + 7 * 32)}` as const;
    for (const call of [CALLDATA, fenced]) {
      expect(tagOfUpdate(concat([call, encodeTag(CONTENT)]))).toEqual({
        botTag: botTag("bot-aws-1"),
        term: 7,
      });
      expect(tagOfUpdate(call)).toBeUndefined();
    }
    expect(tagOfUpdate(concat([CALLDATA, "0x00", encodeTag(CONTENT)]))).toBeUndefined();
  });

  test("does not recognise plain calldata of the same call", () => {
    expect(readBotTag(CALLDATA, ARGUMENTS_END)).toBeUndefined();
  });

  test("does not recognise 16 other bytes, nor a tag of another length or at another place", () => {
    const tag = encodeTag(CONTENT);
    const others: readonly Hex[] = [
      concat([CALLDATA, `0x${"00".repeat(16)}`]),
      concat([CALLDATA, slice(tag, 0, 15)]),
      concat([CALLDATA, tag, "0x00"]),
      concat([CALLDATA, "0x00", tag]),
      concat([CALLDATA, tag, tag]),
      tag,
      "0x",
    ];
    for (const calldata of others) expect(readBotTag(calldata, ARGUMENTS_END)).toBeUndefined();
  });

  test("does not recognise prices that contain its magic", () => {
    const magicInside = concat([slice(CALLDATA, 0, 64), "0x4a4f4631"]);
    expect(readBotTag(magicInside, ARGUMENTS_END)).toBeUndefined();
  });

  test("differs between bots, terms and attempts", () => {
    const tags = [
      encodeTag(CONTENT),
      encodeTag({ ...CONTENT, botId: "bot-gcp-1" }),
      encodeTag({ ...CONTENT, term: 8 }),
      encodeTag({ ...CONTENT, salt: 1 }),
    ];
    expect(new Set(tags).size).toBe(tags.length);
  });

  test("has 16 bytes whatever the term and salt", () => {
    for (const value of [0, 1, 0xffff_fffe, 0xffff_ffff, 2 ** 40]) {
      expect(size(encodeTag({ botId: "b", term: value, salt: value }))).toBe(16);
    }
  });
});
