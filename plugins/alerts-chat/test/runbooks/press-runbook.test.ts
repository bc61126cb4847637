import { describe, expect, test } from "bun:test";
import { BaseError, type SharedRecords, silentLogger } from "@jeju-oracle/kit";
import { MemoryStoreServer } from "../../../leader-lock/test/support/memory-store.ts";
import { CONTROL_ACTIONS } from "../../src/actions/index.ts";
import { cardOf } from "../../src/confirm/card.ts";
import { Confirmations } from "../../src/confirm/confirmations.ts";
import type { Proposal } from "../../src/confirm/proposal.ts";
import { ProposalBook } from "../../src/confirm/proposal-book.ts";
import type { Proposals } from "../../src/confirm/proposer.ts";
import { TotpGuard } from "../../src/confirm/totp-guard.ts";
import type { InboundPress } from "../../src/conversation/inbound.ts";
import type { OutboundMessage } from "../../src/conversation/outbound.ts";
import { createPeople } from "../../src/people/operators-file.ts";
import { RUNBOOKS } from "../../src/runbooks/index.ts";
import { pressRunbook } from "../../src/runbooks/press-runbook.ts";
import { openRunbook } from "../../src/runbooks/run-runbook.ts";
import { decodeRunbookButton, encodeRunbookButton } from "../../src/runbooks/runbook-button.ts";
import { FakeSystem } from "../support/fake-view.ts";

const person = (id: string, role: "viewer" | "operator" | "approver", telegram: string) =>
  ({ id, role, telegram, discord: undefined, totp: undefined }) as const;
const people = createPeople([person("vic", "viewer", "1"), person("ola", "operator", "2")], []);
const PLACE = { platform: "telegram", chatId: "-100" } as const;

function press(data: string, userId = "2"): InboundPress {
  return {
    kind: "press",
    eventId: crypto.randomUUID(),
    caller: { platform: "telegram", userId, displayName: "x", isBot: false, isAnonymous: false },
    place: PLACE,
    messageId: "card",
    data,
  };
}

const textOf = (message: OutboundMessage | undefined) =>
  message?.lines.map((spans) => spans.map(({ text }) => text).join("")).join("\n") ?? "";
const buttonOf = (message: OutboundMessage | undefined, label: string) =>
  message?.buttons?.flat().find((button) => button.label === label)?.data ?? `no button ${label}`;

function setUp(propose: Proposals["propose"] = async () => undefined) {
  const system = new FakeSystem();
  const proposed: Parameters<Proposals["propose"]>[0][] = [];
  const proposals: Proposals = {
    propose: async (wish) => {
      proposed.push(wish);
      await propose(wish);
    },
    pending: async () => [],
  };
  const desk = { view: system.view(), proposals, people };
  return { system, proposed, desk };
}

describe("a runbook in the chat", () => {
  test("fits a phone: every runbook's buttons carry at most 64 bytes, and a label fits its half", async () => {
    const view = new FakeSystem().view();
    for (const runbook of RUNBOOKS) {
      const buttons = (await openRunbook(runbook, view)).buttons?.flat() ?? [];
      expect(buttons.filter(({ data }) => Buffer.byteLength(data) > 64)).toEqual([]);
      expect(buttons.filter(({ label }) => label.length > 20)).toEqual([]);
    }
  });

  test("shows what was seen, and offers no button where a person must type", async () => {
    const { desk, system } = setUp();
    system.chain = { ...system.chain, fresh: false };
    const opened = await pressRunbook(desk, press("r:price-stale:open"));
    expect(textOf(opened)).toContain("CRITICAL, respond within 10 min");
    expect(textOf(opened)).toContain("❌ Price on chain is fresh");
    expect(textOf(opened)).toContain("type /emergency_price ETH elizaOS");
    expect(buttonOf(opened, "Emergency price")).toStartWith("no button");
    expect(textOf(await pressRunbook(desk, press(buttonOf(opened, "On the hosts"))))).toContain("journalctl");
  });

  test("a press proposes, as the runbook's, and changes nothing", async () => {
    const { desk, proposed, system } = setUp();
    const opened = await pressRunbook(desk, press("r:graceful-failover:open"));
    expect(await pressRunbook(desk, press(buttonOf(opened, "Failover")))).toEqual({ lines: [] });
    expect(proposed).toMatchObject([
      { action: "failover", args: [], via: "runbook", reason: "runbook graceful-failover", place: PLACE },
    ]);
    expect(system.asked).toEqual([]);
  });

  test("a press of somebody without the role, or of nobody we know, proposes nothing", async () => {
    const { desk, proposed } = setUp();
    const data = buttonOf(await pressRunbook(desk, press("r:graceful-failover:open")), "Failover");
    expect(textOf(await pressRunbook(desk, press(data, "1")))).toContain("vic is viewer");
    expect(textOf(await pressRunbook(desk, press(data, "99")))).toContain("not in the operators file");
    const forced = buttonOf(await pressRunbook(desk, press("r:force-leadership:open")), "Force leadership");
    expect(textOf(await pressRunbook(desk, press(forced)))).toContain("needs the role approver");
    expect(proposed).toEqual([]);
  });

  test("a refused proposal is answered with what to do next", async () => {
    const { desk } = setUp(async () => {
      throw new BaseError("nobody else is fit", { code: "x", retryable: true, nextStep: "Start bot-2." });
    });
    const data = buttonOf(await pressRunbook(desk, press("r:graceful-failover:open")), "Failover");
    expect(textOf(await pressRunbook(desk, press(data)))).toBe("❌ nobody else is fit\nStart bot-2.");
  });

  test("verifies with the time since it was opened, and offers to look again while it is not over", async () => {
    const { desk, system } = setUp();
    system.chain = { ...system.chain, fresh: false };
    const opened = await pressRunbook(desk, press("r:price-stale:open"));
    system.clock.jumpWall(180_000);
    const notYet = await pressRunbook(desk, press(buttonOf(opened, "Verify")));
    expect(textOf(notYet)).toContain("not over\n3 min after it was opened");
    system.chain = { ...system.chain, fresh: true };
    const over = await pressRunbook(desk, press(buttonOf(notYet, "Verify again")));
    expect(textOf(over)).toContain("verified\n3 min after it was opened");
    expect(over?.severity).toBe("resolved");
  });

  test.each(["p:c:x", "r:", "r:price-stale:999", "r:Price:open", "a:1", "r:price-stale:v"])(
    "%p is no button of a runbook",
    (data) => expect(decodeRunbookButton(data)).toBeUndefined(),
  );

  test("a button of a runbook or step that is gone says so", async () => {
    const { desk } = setUp();
    expect(textOf(await pressRunbook(desk, press("r:gone:open")))).toContain("no runbook gone");
    const check = encodeRunbookButton({ kind: "step", id: "price-stale", step: 0 });
    expect(textOf(await pressRunbook(desk, press(check)))).toContain("older version");
  });
});

test("from an alert to a verified failover: three presses", async () => {
  const system = new FakeSystem();
  const view = system.view();
  const records = recordsInMemory();
  const book = new ProposalBook(records);
  const clock = system.clock;
  const confirmations = new Confirmations({
    view: { ...view, records },
    actions: new Map(CONTROL_ACTIONS.map((action) => [action.id, action])),
    people,
    book,
    totp: new TotpGuard(records, clock),
    audit: { write: () => undefined },
    clock,
    logger: silentLogger,
    botId: "bot-1",
    incarnation: "bot-1-first",
    isAlive: () => true,
    changed: () => undefined,
  });
  const cards: Proposal[] = [];
  const proposals: Proposals = {
    propose: async ({ args: _args, ...wish }) => {
      const filed = await confirmations.propose({ ...wish, params: {} });
      cards.push((await confirmations.bind(filed, "card")).proposal);
    },
    pending: async () => [],
  };
  const desk = { view, proposals, people };
  let inputs = 0;
  const byHand = (data: string) => {
    inputs += 1;
    return press(data);
  };
  const runbook = await pressRunbook(desk, byHand("r:graceful-failover:open"));
  await pressRunbook(desk, byHand(buttonOf(runbook, "Failover")));
  const [proposal] = cards;
  if (proposal === undefined) throw new Error("no card was made");
  const pressed = confirmations.press(byHand(buttonOf(cardOf(proposal, "Failover"), "Confirm")));
  await clock.advance(1_500);
  expect(system.asked).toMatchObject([["failover", { by: "ola", reason: "runbook graceful-failover" }]]);
  system.lead("bot-2", 7);
  await clock.advance(1_500);
  expect(await pressed).toMatchObject({ kind: "done", text: "verified: bot-2 leads in term 7" });
  expect(inputs).toBeLessThanOrEqual(4);
});

function recordsInMemory(): SharedRecords {
  const store = new MemoryStoreServer().client("test");
  const signal = new AbortController().signal;
  return {
    available: true,
    reachable: () => true,
    read: (name) => store.read(name, signal),
    list: (prefix) => store.list(prefix, signal),
    cas: (name, previous, next) => store.cas(name, previous, next, signal),
    watch: () => () => undefined,
  };
}
