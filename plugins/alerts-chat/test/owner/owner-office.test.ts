import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { systemClock } from "@jeju-oracle/kit";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { createWalletClient, type Hex, http } from "viem";
import { createOwnerOffice } from "../../src/owner/chain-owner-office.ts";

const STARTED_MS = 60_000;
const USD = 10n ** 8n;

function officeOf(localnet: Localnet, more: Readonly<Record<string, string>> = {}) {
  return createOwnerOffice(
    { ...localnet.env(0), PAYMASTER_ADDRESS: localnet.addresses.paymaster, ...more },
    systemClock,
  );
}

describe("the owner's office over a pausable oracle", () => {
  let localnet: Localnet;
  beforeAll(async () => {
    localnet = await startLocalnet({ oracle: "pausable" });
  }, STARTED_MS);
  afterAll(() => localnet?.stop());

  const withKey = () => officeOf(localnet, { OWNER_PRIVATE_KEY: localnet.keys.owner.privateKey });

  test("detects that oracle and paymaster can be paused, and whether they are", async () => {
    const office = withKey();
    expect((await office.readOracle()).paused).toBe(false);
    expect(await office.readPaymasterPaused()).toBe(false);
    await office.send(office.pausePaymasterCall());
    expect(await office.readPaymasterPaused()).toBe(true);
    await office.send(office.unpausePaymasterCall());
    expect(await office.readPaymasterPaused()).toBe(false);
    await localnet.owner.pauseOracle();
    expect((await office.readOracle()).paused).toBe(true);
    await office.send(office.unpauseOracleCall());
    expect((await office.readOracle()).paused).toBe(false);
  });

  test("lands an emergency price that is further than an update may move", async () => {
    const office = withKey();
    const before = await office.readOracle();
    const sent = await office.send(office.emergencyPriceCall(1_000n * USD, 5_000_000n));
    expect(sent.transactionHash).toMatch(/^0x[0-9a-f]{64}$/);
    const after = await office.readOracle();
    expect([after.ethUsd8, after.elizaUsd8, after.fresh]).toEqual([1_000n * USD, 5_000_000n, true]);
    expect(after.lastUpdateS).toBeGreaterThanOrEqual(before.lastUpdateS);
  });

  test("the call that is handed out, sent by the owner, equals the direct one", async () => {
    const office = officeOf(localnet);
    const call = office.emergencyPriceCall(2_000n * USD, 6_000_000n);
    const { calldata, castCommand, safeJson } = office.handOut(call);
    expect(castCommand).toContain(calldata);
    const [transaction] = JSON.parse(safeJson).transactions;
    expect([transaction.to, transaction.data]).toEqual([office.oracleAddress, calldata]);
    const wallet = createWalletClient({
      account: localnet.keys.owner,
      transport: http(localnet.jeju.rpcUrl),
    });
    const hash = await wallet.sendTransaction({
      chain: null,
      to: transaction.to,
      data: transaction.data,
    });
    await localnet.jeju.client.waitForTransactionReceipt({ hash, pollingInterval: 100 });
    const handed = await localnet.jeju.client.getTransaction({ hash });
    const office2 = withKey();
    const direct = await office2.send(call);
    const sent = await localnet.jeju.client.getTransaction({ hash: direct.transactionHash as Hex });
    expect([handed.to, handed.input, handed.value]).toEqual([sent.to, sent.input, sent.value]);
    expect((await office.readOracle()).ethUsd8).toBe(2_000n * USD);
  });

  test("a key that is not the owner's is refused in words, and nothing is sent", async () => {
    const office = officeOf(localnet, { OWNER_PRIVATE_KEY: localnet.keys.trader.privateKey });
    const { address } = localnet.keys.trader;
    const nonce = await localnet.jeju.client.getTransactionCount({ address });
    const call = office.emergencyPriceCall(1_500n * USD, 5_000_000n);
    for (const attempt of [office.simulate(call), office.send(call)]) {
      expect(await attempt.catch((error: unknown) => error)).toMatchObject({
        code: "owner-call-refused",
        retryable: false,
        message: expect.stringContaining("not the contract's owner"),
      });
    }
    expect(await localnet.jeju.client.getTransactionCount({ address })).toBe(nonce);
  });

  test("a refusal says what the contract said", async () => {
    const office = officeOf(localnet);
    const tooLow = office.simulate(office.emergencyPriceCall(1n, 1n)).catch((error: unknown) => error);
    expect(await tooLow).toMatchObject({ message: expect.stringContaining("outside its bounds") });
    const notPaused = office.simulate(office.unpauseOracleCall()).catch((error: unknown) => error);
    expect(await notPaused).toMatchObject({ message: expect.stringContaining("is not paused") });
  });

  test("without a key nothing can be sent", async () => {
    const office = officeOf(localnet);
    expect(office.hasKey).toBe(false);
    expect(await office.send(office.unpauseOracleCall()).catch((error: unknown) => error)).toMatchObject({
      code: "owner-call-refused",
    });
  });

  test("every source answers with its price and age, and one that is away says so", async () => {
    const [feed, oracle] = await officeOf(localnet).liveSources();
    expect(feed).toMatchObject({ name: "Chainlink on Base", ethUsd8: 324_567_000_000n });
    expect(oracle?.elizaUsd8).toBeDefined();
    const away = await officeOf(localnet, { BASE_RPC_URLS: "http://127.0.0.1:9" }).liveSources();
    expect(away[0]).toMatchObject({ ethUsd8: undefined, detail: expect.stringContaining("does not answer") });
    expect(away[1]?.ethUsd8).toBeDefined();
  });
});

describe("the owner's office over the oracle as deployed", () => {
  let localnet: Localnet;
  beforeAll(async () => {
    localnet = await startLocalnet();
  }, STARTED_MS);
  afterAll(() => localnet?.stop());

  test("detects that it has no paused(), and that an address without code has none", async () => {
    expect((await officeOf(localnet).readOracle()).paused).toBeUndefined();
    const nowhere = officeOf(localnet, { PAYMASTER_ADDRESS: `0x${"11".repeat(20)}` });
    expect(await nowhere.readPaymasterPaused()).toBeUndefined();
  });

  test("a Jeju that does not answer is no contract without paused()", async () => {
    const office = officeOf(localnet, { JEJU_RPC_URLS: "http://127.0.0.1:9" });
    for (const read of [office.readOracle(), office.readPaymasterPaused()]) {
      expect(await read.catch((error: unknown) => error)).toMatchObject({
        code: "jeju-unreachable",
        retryable: true,
      });
    }
  });
});
