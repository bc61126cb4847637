import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { failOverAgainAndAgain } from "./support/failover.ts";
import { FeedSwing, Fleet, tellMs } from "./support/fleet.ts";

const REPETITIONS = 100;

let net: Localnet;
let feed: FeedSwing;
beforeAll(async () => {
  net = await startLocalnet();
  feed = new FeedSwing(net);
});
afterAll(() => net.stop());

for (const [end, boundMs] of [["SIGTERM", 2_000] as const, ["SIGKILL", 3_000] as const]) {
  test(`${REPETITIONS} times ${end} of the leader: another one's update is in a block within ${boundMs} ms`, async () => {
    await using fleet = await Fleet.open({ net, bots: ["bot-1", "bot-2"] });
    for (const botId of ["bot-1", "bot-2"]) await fleet.start(botId);
    const failovers = await failOverAgainAndAgain(fleet, feed, end, REPETITIONS);
    tellMs(`${end} of the leader to the successor's update`, failovers, boundMs);
    expect(Math.max(...failovers)).toBeLessThanOrEqual(boundMs);
  }, 900_000);
}
