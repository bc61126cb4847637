/**
 * From a command that is there to fetch to the arrival of its answer, 20 commands a second for 30 s, and memory over 20,000
 * messages: a real agent that prices meanwhile, against a Bot API in this process. Beside it, in the same run, the same for
 * a bot that only polls and answers "ok": what of the time is the wire's and this process's.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalnet } from "@jeju-oracle/localnet";
import { TelegramCrowd } from "../plugins/alerts-chat/test/support/telegram-crowd.ts";
import { startBenchAgent } from "./support/agent.ts";
import { describeShortMs, percentile } from "./support/figures.ts";

const EVERY_MS = 1_000 / 20;
const COMMANDS = 600;
const CHECKPOINTS = [2_000, 10_000, 20_000] as const;
/** Messages that wait at a time while memory is measured. */
const CROWD = 50;
const DEADLINE_MS = 5 * 60_000;
const READS = ["/status", "/fleet", "/prices", "/leader", "/whoami", "/help", "/alerts", "/pending"];
const ALICE = 111;

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${DEADLINE_MS / 1000} s: ${what}`);
    await Bun.sleep(1);
  }
}

/** Times in ms from {@link COMMANDS} commands, one each {@link EVERY_MS}, to their answers. */
async function waitsOf(crowd: TelegramCrowd): Promise<readonly number[]> {
  await until("the bot polls", () => crowd.isPolled);
  // The first of each kind compiles it.
  for (const text of READS) crowd.asks(ALICE, text);
  await until("the first answers", () => crowd.unanswered === 0);
  crowd.waitsMs.length = 0;
  const startedAtMs = performance.now();
  for (let sent = 0; sent < COMMANDS; sent++) {
    await Bun.sleep(Math.max(0, startedAtMs + sent * EVERY_MS - performance.now()));
    crowd.asks(ALICE, READS[sent % READS.length] ?? "");
  }
  await until("all answers", () => crowd.unanswered === 0);
  return [...crowd.waitsMs];
}

/** Polls and answers "ok". Returns when `signal` aborts. */
async function runBareBot({ apiRoot, token, chatId }: TelegramCrowd, signal: AbortSignal): Promise<void> {
  const call = async (method: string, body: unknown) => {
    const response = await fetch(`${apiRoot}/bot${token}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
    return (await response.json()) as {
      result: { update_id: number; message?: { message_id: number } }[];
    };
  };
  let offset = 0;
  while (!signal.aborted) {
    try {
      const { result } = await call("getUpdates", { offset, timeout: 25 });
      for (const { update_id, message } of result) {
        const reply = { reply_parameters: { message_id: message?.message_id } };
        await call("sendMessage", { chat_id: chatId, text: "ok", ...reply });
        offset = update_id + 1;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

async function bareWaits(): Promise<readonly number[]> {
  const crowd = new TelegramCrowd();
  const over = new AbortController();
  const running = runBareBot(crowd, over.signal);
  try {
    return await waitsOf(crowd);
  } finally {
    over.abort();
    await running;
    await crowd.close();
  }
}

const directory = mkdtempSync(join(tmpdir(), "chat-bench-"));
const net = await startLocalnet({ bots: 1 });
const crowd = new TelegramCrowd();
const lockFile = join(directory, "leader.lock");
const agent = await startBenchAgent({
  ...net.env(0),
  LEADER_ELECTION_ENABLED: "true",
  LEADER_LOCK_FILE: lockFile,
  LEADER_LOCK_URL: `file://${lockFile}`,
  MIN_UPDATE_INTERVAL_S: "0",
  UPDATE_INTERVAL_MS: "5000",
  PRICE_POLL_INTERVAL_MS: "1000",
  TELEGRAM_BOT_TOKEN: crowd.token,
  TELEGRAM_CHAT_ID: crowd.chatId,
  TELEGRAM_API_ROOT: crowd.apiRoot,
});
try {
  const ours = await waitsOf(crowd);
  const bare = await bareWaits();
  console.log(`command to answer, agent:    ${describeShortMs(ours)}`);
  console.log(`command to answer, bare bot: ${describeShortMs(bare)}`);
  const ratio = percentile(ours, 0.5) / percentile(bare, 0.5);
  const slow = ours.filter((waitMs) => waitMs > 100).length;
  console.log(
    `ratio of the medians: ${ratio.toFixed(1)}; answers later than 100 ms: ${slow} of ${ours.length}`,
  );

  let asked = COMMANDS + READS.length;
  for (const checkpoint of CHECKPOINTS) {
    while (asked < checkpoint) {
      await until("answers", () => crowd.unanswered < CROWD);
      crowd.asks(ALICE, READS[asked++ % READS.length] ?? "");
    }
    await until("all answers", () => crowd.unanswered === 0);
    crowd.waitsMs.length = 0;
    const heapMb = await agent.heapMb();
    const rssMb = await agent.rssMb();
    console.log(`${checkpoint} messages: heap ${heapMb.toFixed(1)} MB, resident ${rssMb.toFixed(0)} MB`);
  }
  console.log(`updates landed meanwhile: ${await agent.metric("oracle_total_updates")}`);
} finally {
  await agent.stop();
  await crowd.close();
  await net.stop();
  rmSync(directory, { recursive: true, force: true });
}
