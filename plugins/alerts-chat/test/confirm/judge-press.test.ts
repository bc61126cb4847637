import { describe, expect, test } from "bun:test";
import { Secret } from "@jeju-oracle/kit";
import { digestPieceOf } from "../../src/confirm/buttons.ts";
import { digestOf } from "../../src/confirm/digest.ts";
import { judgePress, type PressInput, type Refusal } from "../../src/confirm/judge-press.ts";
import type { Proposal } from "../../src/confirm/proposal.ts";
import type { Principal } from "../../src/people/people.ts";

const PROPOSED_AT_MS = 1_000_000;
const VALID_FOR_MS = 300_000;
const digest = digestOf("force_leader", { to: "bot-2" });

const alice: Principal = {
  id: "alice",
  role: "approver",
  telegram: "11",
  discord: "110000000000000001",
  totp: new Secret("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
};
const bob: Principal = { ...alice, id: "bob", telegram: "22", discord: "220000000000000002" };
const carol: Principal = { ...alice, id: "carol", role: "operator", telegram: "33", discord: undefined };

const proposal: Proposal = {
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  nonce: "n-1",
  action: "force_leader",
  params: { to: "bot-2" },
  digest,
  risk: "critical",
  proposer: "alice",
  via: "human",
  reason: "stuck",
  place: { platform: "telegram", chatId: "-100" },
  messageId: "55",
  summary: [],
  preconditions: { leader: "bot-1", term: "7" },
  baseline: {},
  proposedAtMs: PROPOSED_AT_MS,
  validForMs: VALID_FOR_MS,
  state: "awaiting",
};

/** Bob presses "Confirm" on the card of what Alice proposed: all is right. */
const rightPress: PressInput = {
  press: {
    kind: "press",
    eventId: "e1",
    caller: { platform: "telegram", userId: "22", displayName: "Bob", isBot: false, isAnonymous: false },
    place: { platform: "telegram", chatId: "-100" },
    messageId: "55",
    data: "",
  },
  button: { kind: "confirm", id: proposal.id, digestPiece: digestPieceOf(digest) },
  proposal,
  principal: bob,
  neededRole: "approver",
  wallMs: PROPOSED_AT_MS + 10_000,
  seenForMs: 10_000,
  preconditions: { leader: "bot-1", term: "7" },
  sharedStore: true,
  totp: "right",
};

const breakGlass: PressInput = {
  ...rightPress,
  principal: alice,
  button: { ...rightPress.button, kind: "break-glass" },
  press: { ...rightPress.press, form: { totp: "123456", reason: "all others are asleep" } },
};

const typed = { sentAtMs: breakGlass.wallMs - 60_000, isEdit: false, isForwarded: false };

test("a second person who may, in time, on the card, in the state that was shown, confirms", () => {
  expect(judgePress(rightPress)).toEqual({ kind: "confirmed", by: bob, breakGlass: false });
});

test("who proposed something that is not critical may confirm it", () => {
  const normal = { ...proposal, risk: "normal" } as const;
  expect(judgePress({ ...rightPress, proposal: normal, principal: alice })).toMatchObject({
    kind: "confirmed",
  });
});

test("break-glass: the proposer alone, with a one-time password and a reason", () => {
  const alone = { kind: "confirmed", by: alice, breakGlass: true } as const;
  expect(judgePress(breakGlass)).toEqual(alone);
  expect(judgePress({ ...breakGlass, typed })).toEqual(alone);
});

describe("is refused:", () => {
  const { press } = rightPress;
  const caller = press.caller;
  const refused: Readonly<Record<string, readonly [Refusal, Partial<PressInput>]>> = {
    "a proposal that nobody knows": ["unknown", { proposal: undefined }],
    "a bot": ["not-a-person", { press: { ...press, caller: { ...caller, isBot: true } } }],
    "an anonymous admin": ["not-a-person", { press: { ...press, caller: { ...caller, isAnonymous: true } } }],
    "a user who is not in the file": ["not-linked", { principal: undefined }],
    "a role that does not suffice": ["no-right", { principal: carol }],
    "another chat": ["wrong-chat", { press: { ...press, place: { platform: "telegram", chatId: "-200" } } }],
    "the same chat id on another platform": [
      "wrong-chat",
      { press: { ...press, place: { platform: "discord", chatId: "-100" } } },
    ],
    "a forwarded or copied card": ["wrong-message", { press: { ...press, messageId: "56" } }],
    "a card that was never bound": [
      "never-bound",
      { proposal: { ...proposal, messageId: undefined } as Proposal },
    ],
    "a button for other parameters": [
      "other-parameters",
      { button: { ...rightPress.button, digestPiece: "0".repeat(16) } },
    ],
    "a record whose parameters were changed below its card": [
      "other-parameters",
      { proposal: { ...proposal, params: { to: "bot-3" } } },
    ],
    "too late by the wall clock": ["expired", { wallMs: PROPOSED_AT_MS + VALID_FOR_MS }],
    "too late by the time since it was seen, whatever the wall clock says": [
      "expired",
      { wallMs: PROPOSED_AT_MS - 3_600_000, seenForMs: VALID_FOR_MS },
    ],
    "the proposer of something critical": ["needs-second-person", { principal: alice }],
    "the proposer on the other platform: one person, two accounts": [
      "needs-second-person",
      {
        principal: alice,
        proposal: { ...proposal, place: { platform: "discord", chatId: "9" } },
        press: { ...press, place: { platform: "discord", chatId: "9" } },
      },
    ],
    "without a shared store": ["no-shared-store", { sharedStore: false }],
    "another leader by now": ["changed", { preconditions: { leader: "bot-2", term: "8" } }],
    "a state that cannot be read": ["changed", { preconditions: undefined }],
  };
  for (const state of [
    "confirmed",
    "executing",
    "verified",
    "failed",
    "unknown",
    "expired",
    "cancelled",
    "superseded",
  ] as const) {
    test(`a second press: it is ${state}`, () => {
      expect(judgePress({ ...rightPress, proposal: { ...proposal, state } })).toMatchObject({
        refusal: "not-awaiting",
      });
    });
  }
  for (const [what, [refusal, change]] of Object.entries(refused)) {
    test(what, () => {
      expect(judgePress({ ...rightPress, ...change })).toMatchObject({ kind: "refused", refusal });
    });
  }

  const brokenGlass: Readonly<Record<string, readonly [Refusal, Partial<PressInput>]>> = {
    "break-glass without a secret in the file": ["no-totp-secret", { totp: "no-secret" }],
    "break-glass without a password": ["totp-missing", { totp: "missing" }],
    "break-glass with a wrong password": ["totp-wrong", { totp: "wrong" }],
    "break-glass with a password that was used": ["totp-reused", { totp: "reused" }],
    "break-glass without a reason": [
      "reason-missing",
      { press: { ...press, form: { totp: "123456", reason: "  " } } },
    ],
    "break-glass after too many wrong passwords": ["totp-locked", { totp: "locked" }],
    "break-glass by somebody who may not": ["no-right", { principal: carol }],
    "break-glass of what is not critical": ["not-critical", { proposal: { ...proposal, risk: "normal" } }],
    "break-glass in a message that was edited": ["not-own-words", { typed: { ...typed, isEdit: true } }],
    "break-glass in a message that was forwarded": [
      "not-own-words",
      { typed: { ...typed, isForwarded: true } },
    ],
    "break-glass in a message that waited for more than a minute": [
      "stale",
      { typed: { ...typed, sentAtMs: breakGlass.wallMs - 60_001 } },
    ],
  };
  for (const [what, [refusal, change]] of Object.entries(brokenGlass)) {
    test(what, () => {
      expect(judgePress({ ...breakGlass, ...change })).toMatchObject({ kind: "refused", refusal });
    });
  }
});

test("a refusal for a changed state says what it was and what it is", () => {
  const judged = judgePress({ ...rightPress, preconditions: { leader: "bot-2", term: "8" } });
  expect(judged).toMatchObject({
    text: "leader was bot-1 and is bot-2. term was 7 and is 8. Nothing was done; look again and propose.",
  });
});

test("a press on a card that was never bound is told that the card counts for nothing, and what to do", () => {
  const { messageId: _never, ...unbound } = proposal;
  for (const input of [
    { ...rightPress, proposal: unbound },
    { ...breakGlass, proposal: unbound, typed },
  ])
    expect(judgePress(input)).toEqual({
      kind: "refused",
      refusal: "never-bound",
      text: "The card of this proposal was never registered, so its buttons do nothing. Propose it again.",
    });
});
