import { test } from "bun:test";
import { expectOneWinnerPerRound, RACERS } from "./support/races.ts";

const ROUNDS = 1_000;

test(`${RACERS} processes race for a stale record: ${ROUNDS} rounds, one winner each, every file whole`, async () => {
  await expectOneWinnerPerRound(ROUNDS);
}, 900_000);
