/** Twenty thousand messages through polling, router, commands and confirmation: what the process keeps of them. */

import { heapStats } from "bun:jsc";
import { afterAll, expect, test } from "bun:test";
import type { IAgentRuntime } from "@elizaos/core";
import { Secret, silentLogger, systemClock } from "@jeju-oracle/kit";
import { createTelegramChannel } from "../src/channels/telegram/index.ts";
import type { CommandContext } from "../src/commands/command.ts";
import { runAsAction, toAction } from "../src/commands/eliza-actions.ts";
import { COMMANDS } from "../src/commands/index.ts";
import { Router } from "../src/commands/router.ts";
import { newProposalId } from "../src/confirm/buttons.ts";
import { Chat } from "../src/conversation/chat.ts";
import { createPeople } from "../src/people/operators-file.ts";
import { MemoryRecords } from "./channels/telegram/rig.ts";
import { ALICE, createAgent, createWorld } from "./confirm/support/bench-of-agents.ts";
import { FakeSystem } from "./support/fake-view.ts";
import { TelegramCrowd } from "./support/telegram-crowd.ts";

const MESSAGES = 20_000;
/** By then caches are full and code is compiled. */
const SETTLED_AFTER = 5_000;
const BATCH = 100;
const MAX_GROWTH_BYTES = 1_500_000;
/** One kept for every tenth message would be 1,500. */
const MAX_NEW_OBJECTS = 1_200;
const TEST_MS = 180_000;
const READS = ["/status", "/fleet", "/prices", "/leader", "/whoami", "/help", "/runbook", "/no_such_command"];

const crowd = new TelegramCrowd();
afterAll(() => crowd.close());

/** What the heap holds when everything that is garbage is gone. */
async function heap() {
  for (let round = 0; round < 3; round++) {
    await Bun.sleep(20);
    Bun.gc(true);
  }
  const { heapSize, extraMemorySize, objectCount } = heapStats();
  return { bytes: heapSize + extraMemorySize, objects: objectCount };
}

test(
  "20,000 messages, presses and refusals leave nothing behind",
  async () => {
    const world = createWorld();
    const people = createPeople([ALICE], []);
    const context = {
      view: new FakeSystem().view(),
      people,
      proposals: { propose: async () => undefined, pending: async () => [] },
      audit: { since: () => [] },
      commandsFor: () => COMMANDS,
    } as unknown as CommandContext;
    const actions = COMMANDS.map((command) => toAction(command, () => context));
    const runtime = { agentId: "00000000-0000-0000-0000-000000000000", actions } as unknown as IAgentRuntime;
    let refused = 0;
    const router = new Router({
      commands: COMMANDS,
      run: (command, args, asking) => runAsAction(runtime, command, args, asking),
      people,
      clock: systemClock,
      logger: silentLogger,
      refused: () => {
        refused += 1;
      },
    });
    const { confirmations } = createAgent(world, "bot-1", "normal");
    const channel = createTelegramChannel({
      token: new Secret(crowd.token),
      chatId: crowd.chatId,
      apiRoot: crowd.apiRoot,
      chatLease: { start: () => {}, holds: () => true, holderId: () => "bot-1", reportReachable: () => {} },
      records: new MemoryRecords(),
      clock: systemClock,
      logger: silentLogger,
      raise: () => undefined,
    });
    const chat = new Chat({
      channels: [channel],
      router,
      confirmations,
      book: undefined,
      actions: new Map(),
      pressOther: async () => undefined,
      looksAfter: () => false,
      isHome: () => true,
      clock: systemClock,
      logger: silentLogger,
    });
    chat.start();

    const told: string[] = [];
    let settled = await heap();
    try {
      for (let said = 0; said < MESSAGES; said += BATCH) {
        for (let index = said; index < said + BATCH; index++) sayOne(index);
        while (crowd.unconfirmed > 0) await Bun.sleep(1);
        // Kept by the test, not by what is tested.
        world.notes.length = 0;
        crowd.waitsMs.length = 0;
        crowd.forgetUnanswered();
        if ((said + BATCH) % SETTLED_AFTER !== 0) continue;
        const now = await heap();
        if (said + BATCH === SETTLED_AFTER) settled = now;
        told.push(`${said + BATCH}: ${(now.bytes / 1e6).toFixed(1)} MB, ${now.objects} objects`);
      }
      const end = await heap();
      console.log(`MEASURED heap after messages: ${told.join("; ")}`);
      expect(end.bytes - settled.bytes).toBeLessThan(MAX_GROWTH_BYTES);
      expect(end.objects - settled.objects).toBeLessThan(MAX_NEW_OBJECTS);
      expect(crowd.answers).toBeGreaterThan(MESSAGES / 2);
      expect(refused).toBe(MESSAGES / 5);
    } finally {
      await chat.stop();
    }
  },
  TEST_MS,
);

/** Mostly questions; and what fills books that have no bound: strangers who want what they may not, and presses of made-up cards. */
function sayOne(index: number): void {
  if (index % 5 === 3) crowd.asks(1_000 + index, "/pause -- now");
  else if (index % 5 === 4) crowd.presses(1_000 + index, `p:c:${newProposalId()}:0123456789abcdef`);
  else crowd.asks(11, READS[index % READS.length] ?? "");
}
