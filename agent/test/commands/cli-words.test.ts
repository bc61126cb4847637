import { expect, test } from "bun:test";
import { type ProposeStep, RUNBOOKS } from "@jeju-oracle/plugin-alerts-chat/operator";
import { COMMANDS } from "../../src/commands/catalogue.ts";
import { cliWords } from "../../src/commands/support/cli-words.ts";
import { inputOf } from "./support/fake-session.ts";

function step(action: string, typed: string): ProposeStep {
  return { kind: "propose", title: "", when: "", action, typed, args: () => [] };
}

test("a proposal becomes the command to type, with durations as options and a reason", () => {
  const say = (action: string, typed: string, args?: readonly string[]) =>
    cliWords(step(action, typed), args, "runbook x");
  expect(say("failover", "/failover [bot]", [])).toBe('oracle-agent failover --reason "runbook x"');
  expect(say("force_leader", "/force_leader bot", ["bot-2"])).toBe(
    'oracle-agent force-leader bot-2 --reason "runbook x"',
  );
  expect(say("set", "", ["max-gas-price-gwei", "30", "2h"])).toBe(
    'oracle-agent set max-gas-price-gwei 30 --for 2h --reason "runbook x"',
  );
  expect(say("pause", "/pause [duration]", [])).toBe('oracle-agent pause --reason "runbook x"');
});

test("what a person must fill in stands in capitals, and what only a chat can confirm leads there", () => {
  const say = (action: string, typed: string) => cliWords(step(action, typed), undefined, "x");
  expect(say("emergency_price", "/emergency_price ETH elizaOS")).toBe(
    'oracle-agent emergency-price ETH ELIZAOS --reason "x"',
  );
  expect(say("restart", "/restart bot")).toBe('oracle-agent restart BOT --reason "x"');
  expect(say("unpause_oracle", "/unpause_oracle")).toBe("oracle-agent chat, then /unpause_oracle");
});

test("the command line understands every command that a runbook shows", () => {
  const proposals = RUNBOOKS.flatMap(({ steps }) => steps.filter((one) => one.kind === "propose"));
  for (const proposal of proposals) {
    const [program, name = "", ...words] = cliWords(proposal, undefined, "why").split(" ");
    expect(program).toBe("oracle-agent");
    if (name === "chat,") continue;
    expect(Object.keys(COMMANDS)).toContain(name);
    expect(inputOf(name, ...words).value("reason")).toBe('"why"');
  }
});
