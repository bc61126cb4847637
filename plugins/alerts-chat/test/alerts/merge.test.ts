import { describe, expect, test } from "bun:test";
import { Random } from "../../../leader-lock/test/simulation/random.ts";
import { type Alert, alertSchema } from "../../src/alerts/alert.ts";
import { acknowledge, endRaiser } from "../../src/alerts/episode.ts";
import { graft, merge, saySame } from "../../src/alerts/merge.ts";
import { decodeSlot } from "../../src/alerts/slots.ts";
import { messageOf, observed, over, seen, T0, told } from "./support/observations.ts";
import { threeCopies } from "./support/random-history.ts";

const SCHEDULES = 1_200;
const LATER_MS = 600_000;

/** As it comes out of the store: other keys first, and no nonce of the writer. */
const read = (alert: Alert) => alertSchema.parse(JSON.parse(JSON.stringify(alert)));

function same(a: Alert, b: Alert): void {
  if (!saySame(a, b)) expect({ ...a, nonce: "" }).toEqual({ ...b, nonce: "" });
}

/** Without left-overs: see the test of what they cost. */
function standing(alert: Alert): Alert {
  const slots = Object.entries(alert.slots).filter(([key]) => decodeSlot(key)?.leftOverFrom === undefined);
  return { ...alert, slots: Object.fromEntries(slots) };
}

function eachSchedule(check: (copies: readonly [Alert, Alert, Alert]) => void): void {
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    try {
      check(threeCopies(new Random(seed)));
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    }
  }
}

describe(`two copies, over ${SCHEDULES} schedules`, () => {
  test("become the same, whichever is named first", () => {
    eachSchedule(([a, b]) => same(merge(a, b), merge(b, a)));
  });

  test("of which one is the other's add nothing, however often they meet", () => {
    eachSchedule(([a, b]) => {
      same(merge(a, read(a)), a);
      const once = merge(a, b);
      same(merge(once, a), once);
      same(merge(read(b), once), once);
    });
  });

  test("and a third become the same in any order", () => {
    eachSchedule(([a, b, c]) => {
      const orders = [merge(merge(a, b), c), merge(a, merge(b, c)), merge(merge(c, a), b)];
      const [first] = orders;
      for (const order of orders) if (first !== undefined) same(standing(order), standing(first));
    });
  });

  test("never lose a message that a channel took, in any order", () => {
    let checked = 0;
    eachSchedule((copies) => {
      const [a, b, c] = copies;
      const newest = Math.max(...copies.map(({ episode }) => episode));
      for (const merged of [merge(merge(a, b), c), merge(b, merge(c, a)), merge(merge(c, b), a)]) {
        for (const { episode, slots } of copies) {
          for (const [key, { state, message }] of Object.entries(slots)) {
            if (state !== "sent") continue;
            const isPast = episode < newest && decodeSlot(key)?.leftOverFrom === undefined;
            // Of a past episode only what does not show the end yet is of use, and can be edited.
            const isDone = copies.some(
              (copy) => copy.episode === episode && copy.slots[key]?.shown === "resolved",
            );
            if (episode < newest && (message === undefined || isDone)) continue;
            expect(merged.slots[isPast ? `${episode}~${key}` : key]?.state).toBe("sent");
            checked += 1;
          }
        }
      }
    });
    expect(checked).toBeGreaterThan(SCHEDULES);
  });
});

describe("what is left over of earlier episodes", () => {
  test("comes back from an old copy at most as a message to edit once more, and is then known as ended", () => {
    const first = told(observed(undefined, seen(), T0), "telegram/warning", { message: messageOf("7") });
    const second = observed(observed(first, over(seen()), T0 + 1), seen(), T0 + LATER_MS);
    const shown = told(second, "1~telegram/warning", { message: messageOf("7"), shown: "resolved" });
    const third = observed(
      observed(told(shown, "discord/warning", {}), over(seen()), T0 + LATER_MS + 1),
      seen(),
      T0 + 2 * LATER_MS,
    );
    expect(Object.keys(third.slots)).toEqual([]);
    const met = merge(third, first);
    expect(met.slots["1~telegram/warning"]).toMatchObject({ message: { messageId: "7" } });
    const edited = told(met, "1~telegram/warning", { message: messageOf("7"), shown: "resolved" });
    expect(merge(edited, first).slots["1~telegram/warning"]?.shown).toBe("resolved");
  });
});

describe("a merge", () => {
  const alert = observed(undefined, seen(), T0);

  test.each([
    [
      "the later care counts",
      acknowledge(alert, "ann", T0 + 5, "n"),
      acknowledge(alert, "bob", T0 + 4, "n"),
      { acknowledged: { by: "ann", atMs: T0 + 5 } },
    ],
    [
      "a raiser's end counts although the other copy has not heard of it",
      endRaiser(alert, "bot-1", T0 + 5, "n"),
      alert,
      { resolvedAtMs: T0 + 5 },
    ],
    [
      "one that somebody else still sees goes on",
      endRaiser(alert, "bot-1", T0 + 5, "n"),
      observed(alert, seen({ raiser: "bot-2", severity: "critical" }), T0 + 1),
      { severity: "critical" },
    ],
    [
      "the newer episode counts",
      { ...alert, episode: 3 },
      endRaiser(alert, "bot-1", T0 + 5, "n"),
      { episode: 3 },
    ],
    [
      "what was sent outranks a later beginning",
      told(alert, "telegram/warning", {}),
      told(alert, "telegram/warning", { state: "sending", atMs: T0 + 9 }),
      { slots: { "telegram/warning": { state: "sent" } } },
    ],
    [
      "what was sent outranks a later refusal",
      told(alert, "telegram/warning", {}),
      told(alert, "telegram/warning", { state: "dead", atMs: T0 + 9 }),
      { slots: { "telegram/warning": { state: "sent" } } },
    ],
  ] as const)("%s", (_claim, a, b, expected) => {
    expect(merge(a, b)).toMatchObject(expected);
    expect(merge(b, a)).toMatchObject(expected);
  });

  test("of what everybody saw end has the severity of the last who saw it", () => {
    const both = observed(alert, seen({ raiser: "bot-2", severity: "critical" }), T0);
    const [a, b] = [endRaiser(both, "bot-1", T0 + 5, "n"), endRaiser(both, "bot-2", T0 + 9, "n")];
    expect(merge(a, b)).toMatchObject({ severity: "critical", resolvedAtMs: T0 + 9 });
    expect(merge(b, a).severity).toBe("critical");
  });
});

test("two copies say the same whatever the order of their keys and whoever wrote them", () => {
  const alert = told(observed(undefined, seen(), T0), "telegram/warning", { message: messageOf("7") });
  const copy = { ...read(alert), nonce: "another" };
  expect(saySame(alert, copy)).toBe(true);
  expect(saySame(alert, { ...copy, summary: "else" })).toBe(false);
  expect(saySame(alert, told(copy, "telegram/warning", { shown: "resolved" }))).toBe(false);
});

describe("an episode that began on an agent which did not know the record", () => {
  const ended = observed(
    told(observed(undefined, seen(), T0), "telegram/warning", { message: messageOf("7") }),
    over(seen()),
    T0 + 1_000,
  );
  const bot2 = seen({ raiser: "bot-2", severity: "critical", summary: "as bot-2 sees it" });
  const record = { ...ended, episode: 5 };

  test("is a new one although both have the same number, and the old message is left over", () => {
    const joined = graft(ended, observed(undefined, bot2, T0 + LATER_MS));
    expect(joined).toMatchObject({ episode: 2, severity: "critical", summary: "as bot-2 sees it" });
    expect(joined).not.toHaveProperty("resolvedAtMs");
    expect(Object.keys(joined.slots)).toEqual(["1~telegram/warning"]);
  });

  test("is a new one after many others", () => {
    expect(graft(record, observed(undefined, bot2, T0 + LATER_MS)).episode).toBe(6);
  });

  test("is the same trouble soon after the end, or while it holds", () => {
    const soon = graft(record, observed(undefined, bot2, T0 + 2_000));
    expect(soon).toMatchObject({ episode: 5, returns: 1, severity: "critical" });
    const holding = observed(undefined, seen(), T0);
    const joined = graft({ ...holding, episode: 5 }, observed(undefined, bot2, T0 + LATER_MS));
    expect(joined).toMatchObject({ episode: 5, returns: 0 });
    expect(Object.keys(joined.raisers).sort()).toEqual(["bot-1", "bot-2"]);
  });

  test("that is over already is told all the same", () => {
    const blip = observed(observed(undefined, bot2, T0 + LATER_MS), over(bot2), T0 + 2 * LATER_MS);
    expect(graft(record, blip)).toMatchObject({ episode: 6, resolvedAtMs: T0 + 2 * LATER_MS });
  });

  test("keeps what was told of it alone, and who takes care", () => {
    const alone = told(observed(undefined, bot2, T0 + LATER_MS), "telegram/critical@bot-2", {
      message: messageOf("9"),
    });
    const joined = graft(record, acknowledge(alone, "ann", T0 + LATER_MS, "n"));
    expect(joined.slots["telegram/critical@bot-2"]).toMatchObject({
      state: "sent",
      message: { messageId: "9" },
    });
    expect(joined.acknowledged?.by).toBe("ann");
  });

  test("is not begun again when it was brought in before and the answer was lost", () => {
    const begun = observed(undefined, bot2, T0 + LATER_MS);
    const blip = observed(begun, over(bot2), T0 + 2 * LATER_MS);
    for (const own of [begun, blip]) {
      const once = told(graft(record, own), "telegram/critical", { message: messageOf("8") });
      same(graft(read(once), own), once);
    }
  });

  test("of an event that the record knows is that event", () => {
    const changed = seen({ rule: "leader-changed", fingerprint: "leader-changed:7", severity: "info" });
    const event = observed(undefined, changed, T0);
    same(graft(event, observed(undefined, { ...changed, raiser: "bot-2" }, T0 + LATER_MS)), event);
  });
});
