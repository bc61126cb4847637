import { expect, test } from "bun:test";
import { z } from "zod";
import { decodeJson } from "../src/index.ts";

const schema = z.object({ term: z.int() });

test("text that fits is what it should be, without what the schema does not know", () => {
  expect(decodeJson(schema, '{"term":3,"more":true}')).toEqual({ term: 3 });
});

test.each(["", "{", '{"term":"3"}', "null", "[]"])("text that does not fit is undefined: %j", (text) => {
  expect(decodeJson(schema, text)).toBeUndefined();
});
