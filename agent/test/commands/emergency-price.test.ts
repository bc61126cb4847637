import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "@jeju-oracle/kit";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { brokenLines, readAudit } from "@jeju-oracle/plugin-alerts-chat/operator";
import { createWalletClient, type Hex, http } from "viem";
import { DIRECTIVE } from "../../../plugins/leader-lock/src/fleet/names.ts";
import { RecordedFleet, twoBots } from "../../../plugins/leader-lock/test/intents/support/fleet-records.ts";
import { emergencyPriceCommand } from "../../src/commands/emergency-price.ts";
import { FakeTerminal, inputOf, sessionOn } from "./support/fake-session.ts";
import { reportingAgents } from "./support/reporting-agents.ts";
import { type CliRun, runCli } from "./support/run-cli.ts";

const TEST_MS = 60_000;
const USD = 10n ** 8n;
const FAST = {
  LEADER_LOCK_TTL_MS: "4000",
  LEADER_LOCK_RENEW_MS: "300",
  LEADER_LOCK_MARGIN_MS: "200",
  LEADER_LOCK_OP_TIMEOUT_MS: "500",
  LEADER_LOCK_POLL_MS: "200",
};
const WHY = ["--reason", "all bots down", "--yes"];

let localnet: Localnet;
const directory = mkdtempSync(join(tmpdir(), "emergency-price-"));

beforeAll(async () => {
  localnet = await startLocalnet();
}, TEST_MS);
afterAll(async () => {
  await localnet.stop();
  rmSync(directory, { recursive: true });
}, TEST_MS);

/** A host of its own: its state directory, and a store that nobody knows yet. */
function host(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const home = mkdtempSync(join(directory, "host-"));
  const { PRICE_UPDATER_PRIVATE_KEY: _key, ...env } = localnet.env();
  return {
    ...env,
    ...FAST,
    LEADER_LOCK_FILE: join(home, "leader.lock"),
    STATE_DIR: join(home, "state"),
    USER: "ana",
    ...more,
  };
}

const withKey = () => ({ OWNER_PRIVATE_KEY: localnet.keys.owner.privateKey });

function run(env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<CliRun> {
  return runCli(["emergency-price", ...words], env);
}

describe("with the owner's key and no agent alive", () => {
  test(
    "sends, verifies on chain, tells the time and that a resume is needed; the audit knew before",
    async () => {
      const env = host(withKey());
      const { exitCode, stdout, stderr } = await run(env, "3200", "0.12", ...WHY);
      expect(stdout).toMatch(/^Verified by reading the chain, \d+(\.\d)? s after the command began: /);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('oracle-agent resume --reason "all bots down"');
      expect(stderr).toContain("Nothing was paused: file://");
      expect(stderr).toContain("Nothing of the updater is in flight on Jeju.");
      expect(stderr).toMatch(/^Chainlink on Base: ETH \$3,[\d.]+ \(yours [+-]\d+\.\d\d %\), \d+ s old$/m);
      expect(stderr).toMatch(
        /^Uniswap pool on Base, average: elizaOS \$[\d.]+ \(yours \+10\.\d\d % ⚠️\), over \d+ s$/m,
      );
      expect(stderr).toMatch(/^the oracle itself: ETH \$3,.* elizaOS \$.* s old$/m);
      const state = await localnet.oracleState();
      expect([state.ethUsd8, state.elizaUsd8]).toEqual([3_200n * USD, 12_000_000n]);
      expect(existsSync(`${env.LEADER_LOCK_FILE}.d`)).toBe(false);

      const audit = join(env.STATE_DIR ?? "", "audit-command-line.jsonl");
      expect(readAudit(audit).map(({ what, action }) => [what, action])).toEqual(
        ["confirmed", "executing", "verified"].map((what) => [what, "emergency_price"]),
      );
      const [confirmed] = readAudit(audit);
      expect(confirmed?.who).toMatch(/^ana@/);
      expect(confirmed?.detail).toContain("-> $3,200.00");
      expect(brokenLines(audit)).toEqual([]);
    },
    TEST_MS,
  );

  test(
    "pauses a fleet of agents that are gone, after it watched them for a ttl, and the pause stays",
    async () => {
      const fleet = twoBots();
      const startedAtMs = quickClock.monotonicMs();
      const { exitCode, data } = await inProcess(host(withKey()), fleet, "3210", "0.12", ...WHY);
      expect(exitCode).toBe(0);
      expect(data).toMatchObject({
        ok: true,
        paused: true,
        inFlight: false,
        pause: { obeyedBy: [], gone: ["bot-1", "bot-2"] },
      });
      expect(quickClock.monotonicMs() - startedAtMs).toBeGreaterThanOrEqual(20_000);
      expect(JSON.parse(fleet.value(DIRECTIVE) ?? "")).toMatchObject({
        kind: "pause",
        reason: "all bots down",
      });
    },
    TEST_MS,
  );

  test(
    "waits for an agent that is there until what it has in flight is resolved, and sends only then",
    async () => {
      const fleet = twoBots();
      const terminal = new FakeTerminal();
      const before = await localnet.oracleState();
      using agents = reportingAgents(fleet);
      agents.change({ inFlight: true });
      const running = inProcess(host(withKey()), fleet, "3215", "0.12", ...WHY, terminal);
      while (!terminal.statuses.some((status) => status.includes("waiting until what is in flight"))) {
        await Bun.sleep(20);
      }
      expect(await localnet.oracleState()).toEqual(before);
      agents.change({});
      expect(await running).toMatchObject({
        exitCode: 0,
        data: { pause: { obeyedBy: ["bot-1", "bot-2"], gone: [] }, inFlight: false },
      });
    },
    TEST_MS,
  );

  test(
    "goes on without a store that does not answer, and says that nothing was paused",
    async () => {
      const env = host({
        ...withKey(),
        LEADER_LOCK_URL: "postgres://oracle:hunter2hunter2@127.0.0.1:9/oracle",
      });
      const { exitCode, stderr, stdout } = await run(env, "3220", "0.12", ...WHY);
      expect(exitCode).toBe(0);
      expect(stderr).toContain("Nothing was paused: the store does not answer");
      expect(stdout + stderr).not.toContain("hunter2");
    },
    TEST_MS,
  );

  test(
    "with an update in flight sends nothing, unless it is told to",
    async () => {
      const updater = localnet.keys.bots[0];
      if (updater === undefined) throw new Error("no bot");
      const before = await localnet.oracleState();
      await localnet.jeju.pause();
      const wallet = createWalletClient({ account: updater, transport: http(localnet.jeju.rpcUrl) });
      await wallet.sendTransaction({ chain: null, to: updater.address, value: 0n, gas: 21_000n });
      const env = host(withKey());
      const refused = await inProcess(env, undefined, "3230", "0.12", ...WHY);
      expect(refused).toMatchObject({ exitCode: 75, data: { ok: false, outcome: "not-sent" } });
      expect(refused.lines.join("\n")).toContain("Nothing was sent: a transaction of the updater 0x");
      expect(refused.lines.join("\n")).toContain("--despite-in-flight");
      expect(
        await localnet.jeju.client.getTransactionCount({
          address: localnet.keys.owner.address,
          blockTag: "pending",
        }),
      ).toBe(await localnet.jeju.client.getTransactionCount({ address: localnet.keys.owner.address }));
      const forced = inProcess(env, undefined, "3230", "0.12", "--despite-in-flight", ...WHY);
      await untilPending(localnet.keys.owner.address);
      await localnet.jeju.resume();
      expect(await forced).toMatchObject({
        exitCode: 0,
        data: { ok: true, despite: expect.stringContaining("may still land") },
      });
      expect((await localnet.oracleState()).ethUsd8).not.toBe(before.ethUsd8);
    },
    TEST_MS,
  );

  test(
    "does nothing where that cannot be written",
    async () => {
      const env = host(withKey());
      writeFileSync(env.STATE_DIR ?? "", "a file is no directory");
      const before = await localnet.oracleState();
      const error = await inProcess(env, undefined, "3250", "0.12", ...WHY).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: "audit-unwritable" });
      expect(await localnet.oracleState()).toEqual(before);
    },
    TEST_MS,
  );
});

describe("refused before anything is done:", () => {
  const cases: readonly (readonly [what: string, words: readonly string[], code: string, says: string])[] = [
    [
      "a price out of the oracle's bounds",
      ["324567", "0.12"],
      "out-of-bounds",
      "You probably meant $3,245.67",
    ],
    ["a price with its point moved", ["3240", "0.012"], "scaled-by-mistake", "You probably meant $0.12"],
    ["what is no price", ["3,2.4.5", "0.12"], "wrong-command-line", "Example: oracle-agent"],
  ];
  for (const [what, words, code, says] of cases) {
    test(what, async () => {
      const env = host(withKey());
      const fleet = twoBots();
      using _agents = reportingAgents(fleet);
      const before = await localnet.oracleState();
      const error = await inProcess(env, fleet, ...words, ...WHY).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, nextStep: expect.stringContaining(says) });
      expect([existsSync(env.STATE_DIR ?? ""), fleet.value(DIRECTIVE)]).toEqual([false, undefined]);
      expect(await localnet.oracleState()).toEqual(before);
    });
  }

  test(
    "nobody to confirm: it says what would happen, and that a store without a fleet pauses nobody",
    async () => {
      const env = host(withKey());
      const { exitCode, stdout, stderr } = await run(env, "3240", "0.12", "--reason", "drill");
      expect([exitCode, stdout]).toEqual([64, ""]);
      expect(stderr).toContain(
        "has never held a fleet (is LEADER_LOCK_URL the agents'?), so the fleet is not paused: an agent that still runs may push until it sees this price. This sends the price as the owner.",
      );
      expect(stderr).not.toContain("This pauses");
      expect(existsSync(env.STATE_DIR ?? "")).toBe(false);
    },
    TEST_MS,
  );

  test(
    "a key that is not the owner's",
    async () => {
      const env = host({ OWNER_PRIVATE_KEY: localnet.keys.trader.privateKey });
      const { exitCode, stdout, stderr } = await run(env, "3260", "0.12", ...WHY);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("not the contract's owner");
      expect(stdout + stderr).not.toContain(localnet.keys.trader.privateKey.slice(2));
    },
    TEST_MS,
  );
});

describe("without the owner's key", () => {
  test(
    "hands out calldata, a cast line and a Safe file, and ends with 75; what it handed out sets the price",
    async () => {
      const env = host();
      const safeFile = join(env.STATE_DIR ?? "", "..", "price.safe.json");
      const { exitCode, stdout, stderr } = await run(env, "3300", "0.13", ...WHY, "--safe-file", safeFile);
      expect(exitCode).toBe(75);
      expect(stdout).toContain("No owner key here.");
      expect(stderr).toContain("Handed out, not on chain yet");
      const [transaction] = JSON.parse(readFileSync(safeFile, "utf8")).transactions;
      expect(stdout).toContain(`cast send ${transaction.to} ${transaction.data} --rpc-url`);
      await sendAsOwner(transaction);
      const state = await localnet.oracleState();
      expect([state.ethUsd8, state.elizaUsd8]).toEqual([3_300n * USD, 13_000_000n]);
      const again = await run(env, "3310", "0.13", ...WHY, "--safe-file", safeFile);
      expect(again.stderr).toContain("Name a file that does not exist");
    },
    TEST_MS,
  );

  test(
    "waits for the price when asked to, and verifies it",
    async () => {
      const env = host();
      const safeFile = join(env.STATE_DIR ?? "", "..", "price.safe.json");
      const words = ["3320", "0.13", ...WHY, "--wait", "50s", "--safe-file", safeFile, "--json"];
      const running = run(env, ...words);
      while (!existsSync(safeFile) || readFileSync(safeFile, "utf8") === "") await Bun.sleep(50);
      await sendAsOwner(JSON.parse(readFileSync(safeFile, "utf8")).transactions[0]);
      const { exitCode, stdout } = await running;
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        ok: true,
        outcome: "verified",
        observed: "on chain: ETH $3,320.00, elizaOS $0.13",
        handOut: { safeFile, calldata: expect.stringMatching(/^0x[0-9a-f]+$/) },
      });
    },
    TEST_MS,
  );
});

/** As whoever holds the key would, with nothing but what was handed out. */
async function sendAsOwner({ to, data }: { readonly to: Hex; readonly data: Hex }): Promise<void> {
  const wallet = createWalletClient({ account: localnet.keys.owner, transport: http(localnet.jeju.rpcUrl) });
  const hash = await wallet.sendTransaction({ chain: null, to, data });
  await localnet.jeju.client.waitForTransactionReceipt({ hash, pollingInterval: 100 });
}

async function untilPending(address: Hex): Promise<void> {
  const count = (blockTag: "latest" | "pending") =>
    localnet.jeju.client.getTransactionCount({ address, blockTag });
  while ((await count("pending")) === (await count("latest"))) await Bun.sleep(50);
}

/** Time that passes quickly, for what is waited for in vain. */
const QUICK = 30;
const quickClock: Clock = {
  wallMs: () => systemClock.wallMs(),
  monotonicMs: () => systemClock.monotonicMs() * QUICK,
  setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / QUICK, callback),
};

async function inProcess(
  env: Readonly<Record<string, string>>,
  fleet: RecordedFleet | undefined,
  ...given: readonly (string | FakeTerminal)[]
) {
  const words = given.filter((word) => typeof word === "string");
  const terminal = given.find((word) => word instanceof FakeTerminal) ?? new FakeTerminal();
  const session = sessionOn(fleet ?? new RecordedFleet(), { env, clock: quickClock, terminal });
  const { office: _office, ...rest } = session;
  const input = inputOf("emergency-price", ...words);
  return emergencyPriceCommand(
    input,
    fleet === undefined
      ? { ...rest, fleet: undefined, storeProblem: "left out here" }
      : { ...rest, fleet: session, storeProblem: undefined },
  );
}
