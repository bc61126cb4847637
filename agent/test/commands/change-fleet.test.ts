import { describe, expect, test } from "bun:test";
import { ConfigError, scrubSecrets } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { decodeDirective, decodeOverride } from "../../../plugins/leader-lock/src/intents/intent-records.ts";
import {
  identityOf,
  RecordedFleet,
  twoBots,
} from "../../../plugins/leader-lock/test/intents/support/fleet-records.ts";
import { pause } from "../../src/commands/pause.ts";
import { restart } from "../../src/commands/restart.ts";
import { resume } from "../../src/commands/resume.ts";
import { set } from "../../src/commands/set.ts";
import type { FleetCommand } from "../../src/commands/support/session.ts";
import { fakeJeju } from "./support/fake-jeju.ts";
import { FakeTerminal, inputOf, pass, sessionOn } from "./support/fake-session.ts";
import { intentsIn, obeysDirectives, restarts } from "./support/scripted-agents.ts";

const WHY = ["--reason", "upgrade"];
/** 2026-03-01T12:00:00Z */
const CHAIN_S = 1_772_366_400;
const DIRECTIVE = "fleet/intent/directive";
const GAS_OVERRIDE = "fleet/intent/override/max-gas-price-gwei";

async function failureOf(work: Promise<unknown>): Promise<Error> {
  const error = await work.catch((reason: unknown) => reason);
  if (error instanceof Error) return error;
  throw new Error("it did not fail");
}

/** Who runs the test may be anybody. */
const BY = ["--by", "ana@ops-1"];

describe("pause", () => {
  test("lasts until somebody resumes, and is done when the leader obeys with nothing in flight", async () => {
    const fleet = twoBots();
    obeysDirectives(fleet);
    const terminal = new FakeTerminal("y");
    const result = await pause(inputOf("pause", ...WHY, ...BY), sessionOn(fleet, { terminal }));
    expect(terminal.questions[0]).toBe(
      "This stops the updates of the whole fleet (leader: bot-1 (term 6)) until somebody resumes. Continue? [y/N] ",
    );
    expect(result.lines).toEqual([
      expect.stringMatching(/^The fleet is paused until somebody resumes, 0(\.\d)? s after the request\.$/),
      "Obeyed by bot-1, bot-2.",
      "Nothing is in flight.",
    ]);
    expect(result).toMatchObject({ exitCode: 0, data: { ok: true, obeyedBy: ["bot-1", "bot-2"] } });
    expect(decodeDirective(fleet.value(DIRECTIVE) ?? "")).toMatchObject({
      kind: "pause",
      by: "ana@ops-1",
      reason: "upgrade",
    });
  });

  test("--for ends it by Jeju's time, whatever this host's clock says", async () => {
    await using jeju = fakeJeju(CHAIN_S);
    const fleet = twoBots();
    obeysDirectives(fleet);
    const terminal = new FakeTerminal("y");
    const env = { JEJU_RPC_URLS: jeju.url };
    const result = await pause(inputOf("pause", "--for", "30m", ...WHY), sessionOn(fleet, { terminal, env }));
    expect(terminal.questions[0]).toContain("for 30 min, until 2026-03-01T12:30:00Z by Jeju's time");
    expect(terminal.notes[0]).toContain("this host's clock");
    expect(result.lines[0]).toStartWith(
      "The fleet is paused for 30 min, until 2026-03-01T12:30:00Z by Jeju's time,",
    );
    expect(decodeDirective(fleet.value(DIRECTIVE) ?? "")?.untilChainTimeS).toBe(BigInt(CHAIN_S + 1_800));
  });

  test("--for without an endpoint that answers changes nothing", async () => {
    const fleet = twoBots();
    const input = inputOf("pause", "--for", "30m", ...WHY);
    const unset = await failureOf(pause(input, sessionOn(fleet)));
    expect(unset).toBeInstanceOf(ConfigError);
    const env = { JEJU_RPC_URLS: "http://127.0.0.1:9/" };
    expect(await failureOf(pause(input, sessionOn(fleet, { env })))).toMatchObject({
      code: "chain-time-unknown",
    });
    expect(intentsIn(fleet)).toEqual([]);
  });

  test("of a fleet whose leader does not obey is not confirmed after a ttl", async () => {
    const fleet = twoBots();
    const clock = new SimulatedClock();
    const result = pause(inputOf("pause", ...WHY, "--yes"), sessionOn(fleet, { clock }));
    await pass(clock, 21_000);
    expect(await result).toMatchObject({
      exitCode: 75,
      data: { ok: false, why: "waiting for bot-1 to obey" },
    });
  });

  test("with every agent stopped is written, and said not to be confirmed", async () => {
    const fleet = twoBots();
    fleet.lease(null);
    for (const bot of ["bot-1", "bot-2"]) fleet.member(identityOf(bot), { stopped: true });
    const result = await pause(inputOf("pause", ...WHY), sessionOn(fleet));
    expect(result).toMatchObject({ exitCode: 75, data: { why: "no agent runs" } });
    expect(intentsIn(fleet)).toEqual([DIRECTIVE]);
  });
});

describe("resume", () => {
  test("shows what it ends", async () => {
    const fleet = twoBots();
    obeysDirectives(fleet);
    await pause(inputOf("pause", ...WHY, ...BY), sessionOn(fleet));
    const terminal = new FakeTerminal("y");
    const result = await resume(inputOf("resume", "--reason", "done"), sessionOn(fleet, { terminal }));
    expect(terminal.questions[0]).toContain("It is paused by ana@ops-1: upgrade.");
    expect(result.lines).toEqual([
      expect.stringMatching(/^The fleet is resumed, .* after the request\.$/),
      "Obeyed by bot-1, bot-2.",
    ]);
  });
});

describe("restart", () => {
  test("names the process that ends, and tells of the new one", async () => {
    const fleet = twoBots();
    restarts(fleet);
    const terminal = new FakeTerminal("y");
    const result = await restart(inputOf("restart", "bot-2", ...WHY), sessionOn(fleet, { terminal }));
    expect(terminal.questions[0]).toStartWith(
      "This ends bot-2, process 4242 on host-of-bot-2, for its supervisor to start. bot-1 (term 6) leads.",
    );
    expect(result.lines[0]).toStartWith("bot-2 runs again as process 77 on host-of-bot-2,");
    expect(result).toMatchObject({ exitCode: 0, data: { botId: "bot-2", leads: false, pid: 77 } });
  });

  test("says of a leader that the lead moves", async () => {
    const terminal = new FakeTerminal("n");
    await failureOf(restart(inputOf("restart", "bot-1", ...WHY), sessionOn(twoBots(), { terminal })));
    expect(terminal.questions[0]).toContain("It leads: the lead goes to another member.");
  });

  test("gives a supervisor a minute, then says that none brought it back", async () => {
    const fleet = twoBots();
    const clock = new SimulatedClock();
    let exitCode: number | undefined;
    const done = restart(inputOf("restart", "bot-2", ...WHY, "--yes"), sessionOn(fleet, { clock })).then(
      (result) => {
        ({ exitCode } = result);
        return result;
      },
    );
    await pass(clock, 1_000);
    fleet.member(identityOf("bot-2"), { stopped: true });
    await pass(clock, 60_000);
    expect(exitCode).toBeUndefined();
    await pass(clock, 26_000);
    const { lines } = await done;
    expect(exitCode).toBe(75);
    expect(lines[0]).toContain("bot-2 ended, and no supervisor has brought it back yet");
    expect(lines[1]).toBe("Start its service on host-of-bot-2.");
  });
});

describe("set", () => {
  const problem = async (...words: string[]) => {
    const fleet = twoBots();
    const error = await failureOf(set(inputOf("set", ...words), sessionOn(fleet)));
    expect(intentsIn(fleet)).toEqual([]);
    return error.message;
  };

  test("writes the value with its end by Jeju's time, and says who takes it over", async () => {
    await using jeju = fakeJeju(CHAIN_S);
    const fleet = twoBots();
    const terminal = new FakeTerminal("y");
    const input = inputOf("set", "max-gas-price-gwei", "200", "--for", "2h", ...WHY);
    const result = await set(input, sessionOn(fleet, { terminal, env: { JEJU_RPC_URLS: jeju.url } }));
    expect(terminal.questions).toEqual([
      "This sets max-gas-price-gwei to 200 on every agent for 2 h, until 2026-03-01T14:00:00Z by Jeju's time. Continue? [y/N] ",
    ]);
    expect(result.lines).toEqual([
      "max-gas-price-gwei is 200 for 2 h, until 2026-03-01T14:00:00Z by Jeju's time.",
      "bot-1, bot-2 take it over within 5 s.",
    ]);
    expect(result.data).toMatchObject({
      ok: true,
      name: "max-gas-price-gwei",
      until: "2026-03-01T14:00:00Z",
    });
    expect(decodeOverride(fleet.value(GAS_OVERRIDE) ?? "")).toMatchObject({
      value: "200",
      untilChainTimeS: BigInt(CHAIN_S + 7_200),
    });
  });

  test("--clear ends an override without asking for an end or a reason", async () => {
    await using jeju = fakeJeju(CHAIN_S);
    const fleet = twoBots();
    const env = { JEJU_RPC_URLS: jeju.url };
    await set(
      inputOf("set", "max-gas-price-gwei", "200", "--for", "2h", ...WHY, ...BY),
      sessionOn(fleet, { env }),
    );
    const terminal = new FakeTerminal("y");
    const input = inputOf("set", "max-gas-price-gwei", "--clear");
    const cleared = await set(input, sessionOn(fleet, { terminal }));
    expect(terminal.questions[0]).toContain(
      "This ends the override of max-gas-price-gwei (200) that ana@ops-1 set.",
    );
    expect(cleared.data).toMatchObject({ ok: true, value: null, wasSet: true });
    expect(intentsIn(fleet)).toEqual([]);
    expect((await set(input, sessionOn(fleet))).lines).toEqual([
      "There was no override of max-gas-price-gwei.",
    ]);
  });

  test("holds a value to the rule of its variable", async () => {
    const FOR = ["--for", "2h", ...WHY];
    expect(await problem("max-gas-price-gwei", "a lot", ...FOR)).toContain("must be a number");
    expect(await problem("max-price-deviation-pct", "51", ...FOR)).toBe(
      "max-price-deviation-pct must be between 1 and 50",
    );
    expect(await problem("extra-base-rpc", "ftp://example.com", ...FOR)).toContain(
      "must be http or https URLs",
    );
    expect(await problem("extra-jeju-rpc", "http://a.example.com,http://b.example.com", ...FOR)).toBe(
      "extra-jeju-rpc takes one URL",
    );
  });

  test("wants a known name, a value or --clear, and an end within a day", async () => {
    expect(await problem("max-gas-price-gwie", "200", ...WHY)).toBe("there is no setting max-gas-price-gwie");
    expect(await problem("max-gas-price-gwei", ...WHY)).toBe("VALUE is missing");
    expect(await problem("max-gas-price-gwei", "200", "--clear")).toBe("--clear takes no value 200");
    expect(await problem("max-gas-price-gwei", "200", ...WHY)).toBe("--for DURATION is missing");
    expect(await problem("max-gas-price-gwei", "200", "--for", "25h", ...WHY)).toBe("--for is 25 h");
    expect(await problem("max-gas-price-gwei", "200", "--for", "2h")).toBe("--reason is empty");
  });

  test("never shows the credentials of a URL", async () => {
    await using jeju = fakeJeju(CHAIN_S);
    const terminal = new FakeTerminal("y");
    const url = "https://ana:hunter2hunter2@rpc.example.com/v2/zyxw4711zyxw4711";
    const input = inputOf("set", "extra-base-rpc", url, "--for", "2h", ...WHY);
    const fleet = twoBots();
    const result = await set(input, sessionOn(fleet, { terminal, env: { JEJU_RPC_URLS: jeju.url } }));
    const said = [...result.lines, ...terminal.questions, JSON.stringify(result.data)].join("\n");
    expect(said).toContain("https://rpc.example.com");
    expect(said).not.toMatch(/hunter2|zyxw/);
    expect(scrubSecrets(url)).not.toMatch(/hunter2|zyxw/);
    expect(await problem("extra-base-rpc", "htps://hunter2hunter2@x", "--for", "2h", ...WHY)).not.toContain(
      "hunter2",
    );
  });
});

test("orders to a store that never held a fleet are refused: it is most likely the wrong one", async () => {
  const commands: readonly (readonly [FleetCommand, ReturnType<typeof inputOf>])[] = [
    [pause, inputOf("pause", ...WHY)],
    [resume, inputOf("resume", ...WHY)],
    [set, inputOf("set", "max-gas-price-gwei", "--clear")],
    [set, inputOf("set", "max-gas-price-gwei", "200", "--for", "2h", ...WHY)],
  ];
  for (const [command, input] of commands) {
    const fleet = new RecordedFleet();
    expect(await failureOf(command(input, sessionOn(fleet)))).toMatchObject({ code: "no-fleet" });
    expect(fleet.server.writes).toBe(0);
  }
});
