import { afterEach, expect, test } from "bun:test";
import { FleetWatch } from "../src/show/fleet-watch.ts";

const HEALTH = { status: "healthy", totalUpdates: 3, consecutiveFailures: 0, role: "leader", term: 2 };

const servers: Bun.Server<undefined>[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop(true)));
});

function agent(botId: string, answer: () => Response | Promise<Response>) {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  servers.push(server);
  return { botId, pid: 1, healthUrl: `http://127.0.0.1:${server.port}/health`, server };
}

test("an agent is silent since its last answer; one that never answered, since the first question", async () => {
  let nowMs = 1_000;
  const talks = agent("bot-1", () => Response.json(HEALTH));
  const never = { botId: "bot-2", pid: 2, healthUrl: "http://127.0.0.1:9/health" };
  const watch = new FleetWatch([talks, never], () => nowMs);
  nowMs = 5_000;
  const [answered, starting] = await watch.look();
  expect(answered).toMatchObject({ botId: "bot-1", health: HEALTH, everAnswered: true });
  expect(starting).toMatchObject({ health: undefined, everAnswered: false, silentSinceMs: 1_000 });

  await talks.server.stop(true);
  nowMs = 9_000;
  const [silent] = await watch.look();
  expect(silent).toMatchObject({ health: undefined, everAnswered: true, silentSinceMs: 5_000 });
});

test("an unhealthy agent answers with 503 and is heard; one that hangs or says something else is silent", async () => {
  const unhealthy = { ...HEALTH, status: "unhealthy", reasons: ["Base has been unreachable for over 60 s"] };
  const watch = new FleetWatch([
    agent("bot-1", () => Response.json(unhealthy, { status: 503 })),
    agent("bot-2", () => new Promise(() => undefined)),
    agent("bot-3", () => new Response("<html>")),
    agent("bot-4", () => Response.json({ status: "healthy" })),
  ]);
  const heard = await watch.look();
  expect(heard.map(({ health }) => health?.status)).toEqual(["unhealthy", undefined, undefined, undefined]);
});
