/** Failovers on one host, from the end of the leader to the first update of the other agent that is in a block. */
import { expect } from "bun:test";
import { entryOf } from "./agent.ts";
import type { FeedSwing, Fleet } from "./fleet.ts";

/** Ends the leader and makes an update due at the same moment; the time until the other agent's update is in a block. */
async function failOver(fleet: Fleet, feed: FeedSwing, end: "SIGTERM" | "SIGKILL"): Promise<number> {
  const leader = await fleet.leader();
  const successor = fleet.agents.find((agent) => agent.alive && agent !== leader)!;
  const from = fleet.watch.updates.length;
  const endedAtMs = performance.now();
  await leader.signal(end);
  await feed.swing();
  const landed = await fleet.watch.by(successor.botId, { from });
  expect(fleet.watch.updates.slice(from).map(({ botId }) => botId)).toEqual([successor.botId]);
  expect(await leader.exitCode()).toBe(end === "SIGTERM" ? 0 : -1);
  const { why } = entryOf(successor.linesWith("became leader").at(-1)!);
  expect(why).toBe(
    end === "SIGTERM" ? `${leader.botId} shut down` : "the process of the previous leader is dead",
  );
  return landed.atMs - endedAtMs;
}

/** Fails over again and again; whoever was ended comes back, and follows. @returns each failover in ms. */
export async function failOverAgainAndAgain(
  fleet: Fleet,
  feed: FeedSwing,
  end: "SIGTERM" | "SIGKILL",
  repetitions: number,
): Promise<number[]> {
  const failovers: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    failovers.push(await failOver(fleet, feed, end));
    const ended = fleet.agents.findLast(({ alive }) => !alive)!;
    const back = await fleet.start(ended.botId);
    expect((await fleet.leader()).botId).not.toBe(back.botId);
  }
  return failovers;
}
