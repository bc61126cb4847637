/** Copies of one alert that went different ways, with clocks that disagree and jump. */
import type { Random } from "../../../../leader-lock/test/simulation/random.ts";
import type { Alert } from "../../../src/alerts/alert.ts";
import { acknowledge, endRaiser } from "../../../src/alerts/episode.ts";
import { merge } from "../../../src/alerts/merge.ts";
import { messageOf, observed, seen, T0, told } from "./observations.ts";

const BOTS = ["bot-1", "bot-2", "bot-3"] as const;
const SEVERITIES = ["critical", "warning", "info"] as const;
const KEYS = ["telegram/critical", "telegram/warning", "discord/warning", "telegram/warning@bot-2"] as const;
const STATES = ["sending", "sent", "sent", "dead"] as const;
const SHOWN = ["active:warning", "active:critical", "resolved"] as const;

/** Few different times, so that equal ones happen; sometimes far enough apart for a new episode. */
function timeOf(random: Random): number {
  return T0 + random.integer(0, 4) * 1_000 + random.pick([0, 0, 0, 1_000_000, -1_000_000]);
}

/** One copy after some steps of its own. */
function changed(alert: Alert, random: Random, steps: number): Alert {
  let now = alert;
  for (let step = 0; step < steps; step++) now = stepOf(now, random);
  return now;
}

function stepOf(alert: Alert, random: Random): Alert {
  const bot = random.pick(BOTS);
  const nowMs = timeOf(random);
  switch (random.integer(0, 4)) {
    case 0:
      return endRaiser(alert, bot, nowMs, crypto.randomUUID());
    case 1:
      return acknowledge(alert, random.pick(["ann", "bob", ""]) || undefined, nowMs, crypto.randomUUID());
    case 2: {
      const state = random.pick(STATES);
      const message = state === "sent" ? { message: messageOf(String(random.integer(1, 3))) } : {};
      const slot = { state, by: bot, atMs: nowMs, shown: random.pick(SHOWN), ...message };
      return told(alert, random.pick(KEYS), slot);
    }
    default: {
      const words = { summary: random.pick(["a", "b"]), nextStep: random.pick(["x", "y"]) };
      return observed(alert, seen({ raiser: bot, severity: random.pick(SEVERITIES), ...words }), nowMs);
    }
  }
}

/** Three copies of one beginning, which also met in part before. */
export function threeCopies(random: Random): readonly [Alert, Alert, Alert] {
  const first = observed(undefined, seen({ severity: random.pick(SEVERITIES) }), timeOf(random));
  const base = changed(first, random, random.integer(0, 4));
  const [a, b, c] = [0, 1, 2].map(() => changed(base, random, random.integer(0, 6)));
  if (a === undefined || b === undefined || c === undefined) throw new Error("three were made");
  return random.chance(0.3) ? [a, changed(merge(a, b), random, 2), c] : [a, b, c];
}
