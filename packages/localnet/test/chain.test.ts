import { afterEach, describe, expect, test } from "bun:test";
import { type LocalChain, type StartChainOptions, startChain } from "../src/chain/chain.ts";
import { ChainClock } from "../src/chain/chain-clock.ts";
import { eventually, isAlive } from "./support/processes.ts";

const started: LocalChain[] = [];

async function start(options: Partial<StartChainOptions> = {}): Promise<LocalChain> {
  const chain = await startChain({ chainId: 8453, blockTimeMs: "manual", ...options });
  started.push(chain);
  return chain;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((chain) => chain.stop()));
});

/** Resolves with the first block after `number`. */
async function nextBlock(chain: LocalChain, number: bigint) {
  await eventually(`block ${number + 1n}`, async () => (await chain.client.getBlockNumber()) > number);
  return chain.client.getBlock({ blockNumber: number + 1n });
}

describe("lifecycle", () => {
  test("a started chain answers with its id over HTTP", async () => {
    const chain = await start({ chainId: 1337 });
    expect(await chain.client.getChainId()).toBe(1337);
    expect(await isAlive(chain.pid)).toBe(true);
  });

  test("stop leaves no process behind and may be called twice", async () => {
    const chain = await start();
    await chain.stop();
    await chain.stop();
    expect(await isAlive(chain.pid)).toBe(false);
  });

  test("stop ends a chain that is stopped by a signal", async () => {
    const chain = await start();
    await chain.sigstop();
    await chain.stop();
    expect(await isAlive(chain.pid)).toBe(false);
  });

  test("no chain outlives a parent that gets kill -9", async () => {
    await using parent = Bun.spawn([process.execPath, `${import.meta.dir}/support/hold-chain.ts`], {
      stdin: "pipe",
      stdout: "pipe",
    });
    const { value } = await parent.stdout.getReader().read();
    const pid = Number(new TextDecoder().decode(value));
    expect(await isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await parent.exited;
    await eventually(`anvil ${pid} gone`, async () => !(await isAlive(pid)));
  });

  test("a chain killed from outside is reported, and the chain object stops cleanly", async () => {
    const chain = await start({ blockTimeMs: 50 });
    process.kill(chain.pid, "SIGKILL");
    expect(await chain.exited).not.toBe(0);
    await chain.stop();
  });

  test("an unusable option is refused before anything starts", async () => {
    await expect(start({ blockTimeMs: 0.5 })).rejects.toMatchObject({ code: "localnet-input" });
    await expect(start({ chainId: -1 })).rejects.toMatchObject({ code: "localnet-input" });
  });

  test("a start that anvil refuses shows anvil's own words", async () => {
    const { spawnAnvil } = await import("../src/chain/anvil-process.ts");
    const failure = spawnAnvil(["--chain-id", "not-a-number"]);
    await expect(failure).rejects.toMatchObject({ code: "chain-start-failed" });
    await expect(failure).rejects.toThrow("not-a-number");
  });
});

describe("time", () => {
  test("a manual chain makes no block by itself, and time stands still between advances", async () => {
    const chain = await start({ startTimestampS: 1_700_000_000 });
    await chain.mine(3);
    expect(await chain.client.getBlockNumber()).toBe(3n);
    expect(await chain.timestampS()).toBe(1_700_000_000);
    chain.increaseTime(12);
    await chain.mine();
    expect(await chain.timestampS()).toBe(1_700_000_012);
  });

  test("blocks take explicit timestamps, several the same one, and intervals", async () => {
    const chain = await start({ startTimestampS: 1_700_000_000 });
    await chain.mine(3, { timestampS: 1_700_000_100 });
    await chain.mine(2, { timestampS: 1_700_000_102, intervalS: 2 });
    chain.setNextTimestamp(1_700_000_110);
    await chain.mine();
    await chain.mine();
    const stamps: number[] = [];
    for (let n = 1n; n <= 7n; n++) {
      stamps.push(Number((await chain.client.getBlock({ blockNumber: n })).timestamp) - 1_700_000_000);
    }
    expect(stamps).toEqual([100, 100, 100, 102, 104, 110, 110]);
  });

  test("a timestamp before the latest block's is refused", async () => {
    const chain = await start({ startTimestampS: 1_700_000_000 });
    await expect(chain.mine(1, { timestampS: 1_699_999_999 })).rejects.toMatchObject({
      code: "local-rpc-failed",
    });
  });

  test("a real-time chain agrees with the host's clock and is never ahead of it", async () => {
    const chain = await start({ blockTimeMs: 50 });
    const block = await nextBlock(chain, 3n);
    const aheadS = Number(block.timestamp) - Date.now() / 1000;
    expect(aheadS).toBeLessThanOrEqual(0);
    expect(aheadS).toBeGreaterThan(-3);
  });

  test("speedUp makes timestamps run faster than the host", async () => {
    const startTimestampS = 1_700_000_000;
    const startedMs = performance.now();
    const chain = await start({ blockTimeMs: 50, speedUp: 600, startTimestampS });
    const block = await nextBlock(chain, 5n);
    const elapsedS = Number(block.timestamp) - startTimestampS;
    expect(elapsedS).toBeGreaterThanOrEqual(6 * 0.05 * 600 - 1);
    expect(elapsedS).toBeLessThanOrEqual(((performance.now() - startedMs) / 1000) * 600 + 1);
  });

  test("chains that share a clock jump together", async () => {
    const clock = new ChainClock({ startTimestampS: 1_700_000_000, speedUp: 0 });
    const [base, jeju] = await Promise.all([start({ clock }), start({ chainId: 1337, clock })]);
    await base.mine(1, { timestampS: 1_700_003_600 });
    await jeju.mine();
    expect(await jeju.timestampS()).toBe(1_700_003_600);
  });
});

describe("stopping the chain", () => {
  test("a paused chain answers but makes no block until resumed", async () => {
    const chain = await start({ blockTimeMs: 30 });
    await nextBlock(chain, 1n);
    await chain.pause();
    const frozenAt = await chain.client.getBlockNumber();
    await expect(chain.includeNow("a swap")).rejects.toMatchObject({ code: "chain-paused" });
    await Bun.sleep(100); // The claim is that nothing happens, and nothing announces that.
    expect(await chain.client.getBlockNumber()).toBe(frozenAt);
    chain.resume();
    await nextBlock(chain, frozenAt);
  });

  test("a process stopped by SIGSTOP does not answer, and goes on after SIGCONT", async () => {
    const chain = await start({ blockTimeMs: 30 });
    await nextBlock(chain, 1n);
    await chain.sigstop();
    const silent = fetch(chain.rpcUrl, { method: "POST", signal: AbortSignal.timeout(150) });
    await expect(silent).rejects.toThrow();
    await silent.catch(() => undefined);
    chain.sigcont();
    await nextBlock(chain, await chain.client.getBlockNumber());
  });
});

test("memory stays bounded: only the latest states are kept, and recent ones stay readable", async () => {
  const chain = await start({ historyBlocks: 16 });
  await chain.mine(200);
  const account = (await chain.client.getAddresses())[0]!;
  expect(await chain.client.getBalance({ address: account, blockNumber: 190n })).toBeGreaterThan(0n);
  await expect(chain.client.getBalance({ address: account, blockNumber: 100n })).rejects.toThrow(
    "BlockOutOfRange",
  );
});
