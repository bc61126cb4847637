import { afterEach, describe, expect, test } from "bun:test";
import { LocalnetInputError } from "../src/errors.ts";
import type { AgentProcess } from "../src/show/agent-process.ts";
import { createLiveOutput } from "../src/show/live-line.ts";
import { parseStartOptions, START_USAGE } from "../src/show/start-options.ts";
import { createStatusLine } from "../src/show/status-line.ts";
import { superviseAgent } from "../src/show/supervised-agent.ts";

const HEALTH = {
  status: "healthy",
  totalUpdates: 3,
  consecutiveFailures: 0,
  priceAgeS: 12,
  chainEthUsd8: "324567000000",
  sourceEthUsd8: "324600000000",
  reasons: [] as string[],
  decision: { kind: "skip", reason: "unchanged" },
};

describe("options of npm start", () => {
  test("defaults, and every option", () => {
    expect(parseStartOptions([])).toEqual({ scenario: "random-walk", fence: "nonce", seconds: undefined });
    expect(parseStartOptions(["--scenario", "crash", "--fence", "contract", "--seconds", "90"])).toEqual({
      scenario: "crash",
      fence: "contract",
      seconds: 90,
    });
    expect(parseStartOptions(["-h"])).toBeUndefined();
  });

  const wrong: readonly (readonly [string[], string])[] = [
    [["--scenario", "manipulatoin"], "--scenario manipulatoin: must be one of random-walk"],
    [["--fence", "x"], "--fence x: must be one of nonce, contract"],
    [["--seconds", "abc"], "--seconds abc: must be a whole number"],
    [["--seconds", "0"], "--seconds 0: must be a whole number"],
    [["--seconds"], "--seconds"],
    [["--bogus"], "--bogus"],
    [["crash", "2"], "npm needs `--` before the options"],
  ];
  for (const [args, message] of wrong) {
    test(`${args.join(" ")}: names what is wrong and shows the usage`, () => {
      const error = thrownBy(() => parseStartOptions(args));
      expect(error).toBeInstanceOf(LocalnetInputError);
      expect((error as LocalnetInputError).message).toContain(message);
      expect((error as LocalnetInputError).nextStep).toBe(START_USAGE);
    });
  }
});

describe("status line", () => {
  let server: ReturnType<typeof Bun.serve> | undefined;
  afterEach(async () => {
    await server?.stop(true);
  });
  const serve = (body: object) => {
    server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => Response.json(body) });
    return `http://127.0.0.1:${server.port}/health`;
  };

  test("what is wrong and what happens stand before the prices", async () => {
    const url = serve({
      ...HEALTH,
      status: "unhealthy",
      consecutiveFailures: 7,
      reasons: ["Base has been unreachable for over 60 s"],
    });
    expect(await createStatusLine("bot-1")(url)).toStartWith(
      "bot-1 UNHEALTHY: Base has been unreachable for over 60 s | 7 failures in a row | skip unchanged | age 12 s | ETH $3246.00 (chain $3245.67)",
    );
  });

  test("an agent that never answered is starting, one that fell silent does not answer", async () => {
    const url = serve(HEALTH);
    const statusLine = createStatusLine("bot-1");
    expect(await statusLine("http://127.0.0.1:1/health")).toStartWith("bot-1 is starting");
    expect(await statusLine(url)).toStartWith("bot-1 healthy | skip unchanged");
    await server?.stop(true);
    expect(await statusLine(url)).toStartWith("bot-1 DOES NOT ANSWER since");
  });
});

test("live line: a narrow terminal cuts the status visibly, never a line that stays", () => {
  let written = "";
  const output = createLiveOutput({ isTTY: true, columns: 20, write: (text) => (written += text) });
  output.status("0123456789012345678901234567890");
  expect(written).toEndWith("012345678901234567…");
  output.line("a line that is longer than the terminal");
  expect(written).toContain("a line that is longer than the terminal\n");
});

describe("supervised agent", () => {
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

  test("an agent that is killed is started again, and the line says so", async () => {
    const lines: string[] = [];
    const { start, running } = agents(137);
    const agent = await superviseAgent(start, (line) => lines.push(line), 0);
    await running;
    await agent.stop();
    expect(lines).toEqual(["Agent bot-1 ended (by SIGKILL). Starting it again, as a service manager does."]);
    expect(agent.healthUrl).toEndWith("/2");
  });

  test("an agent that ends at once three times in a row is given up", async () => {
    const lines: string[] = [];
    const { start, starts } = agents(78, 78, 78);
    const agent = await superviseAgent(start, (line) => lines.push(line), 0);
    await agent.ended;
    expect(starts()).toBe(3);
    expect(lines.at(-1)).toBe(
      "Agent bot-1 ended (exit code 78) and cannot run like this: the lines above say why.",
    );
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

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
