/** The same news from the consoles of several agents. */
import { expect, test } from "bun:test";
import { News } from "../src/show/news.ts";

const told = (about?: string) =>
  ({
    type: "message",
    messageId: "1",
    message: { lines: [], ...(about === undefined ? {} : { about }) },
  }) as const;

test("news is shown once, however the consoles group it; what is about nothing in particular always", () => {
  const news = new News();
  const shown = [
    news.isNew("bot-1", told("a-1-active")),
    news.isNew("bot-2", told("a-1-active")),
    news.isNew("bot-2", told("a-1-active,b-1-active")),
    news.isNew("bot-1", told("b-1-active")),
    news.isNew("bot-1", told("a-1-resolved")),
    news.isNew("bot-2", told()),
  ];
  expect(shown).toEqual([true, false, true, false, true, true]);
});

test("one console that repeats itself is shown: it edits what it said", () => {
  const news = new News();
  expect([news.isNew("bot-1", told("a-1-active")), news.isNew("bot-1", told("a-1-active"))]).toEqual([
    true,
    true,
  ]);
});
