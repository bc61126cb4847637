import { afterAll, beforeAll, expect, test } from "bun:test";
import { systemClock } from "@jeju-oracle/kit";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { createOwnerOffice } from "../../src/owner/chain-owner-office.ts";

const TEST_MS = 60_000;
let localnet: Localnet;

beforeAll(async () => {
  localnet = await startLocalnet({ jejuBlockTimeMs: "manual" });
}, TEST_MS);
afterAll(() => localnet?.stop());

test(
  "an emergency price right after another update has gas enough for the second that follows",
  async () => {
    const env = { ...localnet.env(), OWNER_PRIVATE_KEY: localnet.keys.owner.privateKey };
    const office = createOwnerOffice(env, systemClock);
    // The newest block holds an update: its time stands in the oracle already.
    await localnet.owner.emergencyPriceUpdate(310_000_000_000n, 11_000_000n);
    const before = await office.readOracle();
    expect(before.lastUpdateS).toBe(before.blockTimestampS);
    const sending = office.send(office.emergencyPriceCall(320_000_000_000n, 12_000_000n));
    const address = localnet.keys.owner.address;
    const count = (blockTag: "latest" | "pending") =>
      localnet.jeju.client.getTransactionCount({ address, blockTag });
    while ((await count("pending")) === (await count("latest"))) await Bun.sleep(20);
    await localnet.advance(5);
    await sending;
    expect((await office.readOracle()).ethUsd8).toBe(320_000_000_000n);
  },
  TEST_MS,
);
