import { expect, test } from "bun:test";
import { compileContracts, staleArtifacts } from "../compile.ts";

const compiled = compileContracts();

test("artifacts: each is what the sources compile to now", () => {
  expect(staleArtifacts(compiled)).toEqual([]);
});

test("artifacts: a missing, a changed and an orphaned artifact are all named", () => {
  const expected = new Map([...compiled].filter(([file]) => file !== "WETH9.ts"));
  expected.set("BatchReader.ts", "changed");
  expected.set("Added.ts", "new");
  expect(staleArtifacts(expected)).toEqual(["Added.ts", "BatchReader.ts", "WETH9.ts"]);
});
