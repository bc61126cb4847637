import { describe, expect, test } from "bun:test";
import type { AgentProcess } from "../src/show/agent-process.ts";
import { superviseAgent } from "../src/show/supervised-agent.ts";

/** Agents that end with the given codes, one after the other; the last one runs until it is stopped. */
function agents(...codes: number[]) {
  let starts = 0;
  const running = Promise.withResolvers<void>();
  const start = async (): Promise<AgentProcess> => {
    const code = codes[starts++];
    const exited = Promise.withResolvers<number>();
    if (code === undefined) running.resolve();
    else exited.resolve(code);
    return {
      botId: "bot-1",
      healthUrl: `http://127.0.0.1/${starts}`,
      pid: starts,
      exited: exited.promise,
      stop: async () => exited.resolve(0),
    };
  };
  return { start, running: running.promise, starts: () => starts };
}

describe("supervised agent", () => {
  test("an agent that is killed is started again, and the line says so", async () => {
    const lines: string[] = [];
    const { start, running } = agents(137);
    const agent = await superviseAgent(start, (line) => lines.push(line), 0);
    await running;
    await agent.stop();
    expect(lines).toEqual(["ended (by SIGKILL), is started again, as a service manager does"]);
    expect(agent.healthUrl).toEndWith("/2");
  });

  test("between its end and its next start it has no process, and the line tells when that will be", async () => {
    const told = Promise.withResolvers<string>();
    const agent = await superviseAgent(agents(1).start, told.resolve, 60_000);
    expect(await told.promise).toBe(
      "ended (exit code 1), is started again in 60 s, as a service manager does",
    );
    expect(agent.pid).toBeUndefined();
    await agent.stop();
  });

  test("an agent that ends at once three times in a row is given up", async () => {
    const lines: string[] = [];
    const { start, starts } = agents(78, 78, 78);
    const agent = await superviseAgent(start, (line) => lines.push(line), 0);
    await agent.ended;
    expect(starts()).toBe(3);
    expect(lines.at(-1)).toBe("ended (exit code 78) and cannot run like this: the lines above say why");
  });

  test("stop while it waits to start again leaves it stopped", async () => {
    const told = Promise.withResolvers<void>();
    const { start, starts } = agents(1);
    const agent = await superviseAgent(start, () => told.resolve(), 60_000);
    await told.promise;
    await agent.stop();
    expect(starts()).toBe(1);
  });
});
