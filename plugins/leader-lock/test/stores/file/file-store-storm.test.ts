import { test } from "bun:test";
import { expectSoundUnder } from "./support/storms.ts";

const WINS = 1_000;

test(`${WINS} wins under SIGSTOP and kill -9: no version twice, none lost, every file whole`, async () => {
  await expectSoundUnder({ wins: WINS, deletesPerMille: 0 });
}, 120_000);

test(`${WINS} wins with deletions under SIGSTOP and kill -9: no version is replaced twice or lost`, async () => {
  await expectSoundUnder({ wins: WINS, deletesPerMille: 100 });
}, 120_000);
