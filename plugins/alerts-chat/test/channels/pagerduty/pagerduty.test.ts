import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type Env, parseEnv, Secret, systemClock } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { createPagerDutyChannel, pagerDutyEnv } from "../../../src/channels/pagerduty/index.ts";
import type { EpisodeChannel, EpisodeNotice } from "../../../src/conversation/channel.ts";
import { ChannelError } from "../../../src/conversation/channel-error.ts";
import { PagerDutyServer, ROUTING_KEY } from "../../support/pagerduty-server.ts";

const { signal } = new AbortController();
const episode: EpisodeNotice = {
  dedupKey: "price-late/7",
  severity: "critical",
  summary: "No update for 3 heartbeats",
  source: "oracle-1",
  details: { lastUpdate: "01:02:03", leader: "oracle-1" },
};

let server: PagerDutyServer;
let channel: EpisodeChannel;
const channelWith = (options: Partial<Parameters<typeof createPagerDutyChannel>[0]> = {}) =>
  createPagerDutyChannel({
    routingKey: new Secret(ROUTING_KEY),
    eventsUrl: server.url,
    clock: systemClock,
    ...options,
  });
beforeEach(() => {
  server = PagerDutyServer.start();
  channel = channelWith();
});
afterEach(() => server.close());

async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof ChannelError)) throw new Error(`no ChannelError: ${String(outcome)}`);
  return outcome;
}

const statuses = () => [...server.incidents.values()].map(({ status }) => status);

describe("PagerDuty", () => {
  test("one episode is one incident: triggered, acknowledged, resolved", async () => {
    expect(channel.id).toBe("pagerduty");
    await channel.trigger(episode, signal);
    expect(statuses()).toEqual(["triggered"]);
    await channel.acknowledge(episode, signal);
    expect(statuses()).toEqual(["acknowledged"]);
    await channel.resolve(episode, signal);
    expect(statuses()).toEqual(["resolved"]);
  });

  test("a trigger carries summary, source, severity and details", async () => {
    await channel.trigger(episode, signal);
    expect(server.incidents.get("price-late/7")?.payload).toEqual({
      summary: "No update for 3 heartbeats",
      source: "oracle-1",
      severity: "critical",
      custom_details: { lastUpdate: "01:02:03", leader: "oracle-1" },
    });
  });

  test("each severity of ours is PagerDuty's of that name", async () => {
    for (const severity of ["critical", "warning", "info"] as const) {
      await channel.trigger({ ...episode, severity, dedupKey: severity }, signal);
      expect(server.incidents.get(severity)?.payload.severity).toBe(severity);
    }
  });

  test("two agents that tell of one episode make one incident", async () => {
    await channel.trigger(episode, signal);
    await channelWith().trigger(episode, signal);
    expect([...server.incidents.values()].map(({ events }) => events)).toEqual([2]);
  });

  test("text that is too long is cut; a key that is too long stays the key of its episode alone", async () => {
    const long = "k".repeat(300);
    const details = { log: "😀".repeat(10_000) };
    const longEpisode = { ...episode, summary: "😀".repeat(1_000), source: "s".repeat(999), details };
    await channel.trigger({ ...longEpisode, dedupKey: `${long}-1` }, signal);
    await channel.trigger({ ...longEpisode, dedupKey: `${long}-2` }, signal);
    await channel.resolve({ ...longEpisode, dedupKey: `${long}-1` }, signal);
    expect(statuses()).toEqual(["resolved", "triggered"]);
    for (const { payload } of server.incidents.values())
      expect(String(payload.summary).isWellFormed()).toBe(true);
  });

  test("an event that it refuses is no use retrying; the error says why and what to do", async () => {
    const wrong = "ffffffffffffffffffffffffffffffff";
    const error = await failureOf(channelWith({ routingKey: new Secret(wrong) }).trigger(episode, signal));
    expect(error.retryable).toBe(false);
    expect(error.message).toContain("400 Event object is invalid; 'routing_key' is invalid");
    expect(error.nextStep).toContain("PAGERDUTY_ROUTING_KEY");
    // The service's words contain the key.
    expect(Bun.inspect(error)).not.toContain(wrong);
  });

  test("429 and 5xx can be retried, after the time that it asks for", async () => {
    server.fail({ kind: "status", status: 429, retryAfterS: 7 });
    expect(await failureOf(channel.trigger(episode, signal))).toMatchObject({
      retryable: true,
      retryAfterMs: 7_000,
    });
    server.fail({ kind: "status", status: 503 });
    const error = await failureOf(channel.trigger(episode, signal));
    expect(error).toMatchObject({ retryable: true, retryAfterMs: undefined });
    await channel.trigger(episode, signal);
    expect(statuses()).toEqual(["triggered"]);
  });

  test("anything but 202 counts as not told: another 2xx, a page that is not there, a redirect", async () => {
    for (const status of [200, 404]) {
      server.fail({ kind: "status", status });
      expect(await failureOf(channel.trigger(episode, signal))).toMatchObject({ retryable: false });
    }
    server.fail({ kind: "redirect" });
    await failureOf(channel.trigger(episode, signal));
    expect(server.redirected).toBe(0);
    expect(statuses()).toEqual([]);
  });

  test("no answer within 10 s, and nobody there, can be retried", async () => {
    const clock = new SimulatedClock();
    server.fail({ kind: "hang" });
    const failing = failureOf(channelWith({ clock }).trigger(episode, signal));
    while (server.requests === 0) await Bun.sleep(2);
    await clock.advance(10_000);
    expect(await failing).toMatchObject({ retryable: true });
    const nobody = channelWith({ eventsUrl: "http://127.0.0.1:1/v2/enqueue" });
    expect(await failureOf(nobody.trigger(episode, signal))).toMatchObject({ retryable: true });
  });

  test("a caller who gives up ends the request", async () => {
    server.fail({ kind: "hang" });
    const controller = new AbortController();
    const failing = failureOf(channel.trigger(episode, controller.signal));
    while (server.requests === 0) await Bun.sleep(2);
    controller.abort();
    await failing;
  });
});

describe("the variables of PagerDuty", () => {
  const parse = (env: Env) => parseEnv(pagerDutyEnv, env);

  test("no key means no channel; a key makes one at PagerDuty's own address", () => {
    expect(parse({}).PAGERDUTY_ROUTING_KEY).toBeUndefined();
    const values = parse({ PAGERDUTY_ROUTING_KEY: ROUTING_KEY });
    expect(values.PAGERDUTY_ROUTING_KEY?.reveal()).toBe(ROUTING_KEY);
    expect(values.PAGERDUTY_EVENTS_URL).toBe("https://events.pagerduty.com/v2/enqueue");
    expect(JSON.stringify(values)).not.toContain(ROUTING_KEY);
  });

  test("a malformed key is refused and never shown", () => {
    const malformed = "not-an-integration-key";
    expect(() => parse({ PAGERDUTY_ROUTING_KEY: malformed })).toThrow("must be a service's integration key");
    expect(() => parse({ PAGERDUTY_ROUTING_KEY: malformed })).not.toThrow(malformed);
  });
});
