/** A person at `npm start`: looks around, breaks something, sees the alert, and acts from its runbook. */
import { expect, test } from "bun:test";
import { type ShowTerminal, startShowOnTerminal } from "./support/show-terminal.ts";

const DEADLINE_MS = 60_000;
/** A card that has just changed is not pressed by a bare number; see the desk of the console. */
const SETTLE_MS = 1_200;
const AT_MOST_INPUTS = 4;

/** By which the first button of that card is pressed, whatever else is told meanwhile: `1#3`. */
async function numberOf(show: ShowTerminal, button: RegExp): Promise<string> {
  const [, number = ""] = await show.shows(new RegExp(`${button.source}[^\\n]*or (1#\\d+)`), DEADLINE_MS);
  return number;
}

test(
  "from the alert to a verified failover by way of its runbook it takes at most four inputs, and news of two agents is shown once",
  async () => {
    await using show = startShowOnTerminal(["--scenario", "spike"]);
    let inputs = 0;
    const type = async (text: string) => {
      await Bun.sleep(SETTLE_MS);
      inputs += 1;
      show.type(`${text}\r`);
    };
    await show.shows(/── bot-\d leads/, DEADLINE_MS);
    await type("/status");
    await show.shows(/Healthy/, DEADLINE_MS);
    await type("/fleet");
    await show.shows(/👑/, DEADLINE_MS);
    await type("/prices");
    await show.shows(/elizaOS\/USD/, DEADLINE_MS);

    await type("!kill-leader");
    const [, leader, term] = await show.shows(/(bot-\d) leads \(term (\d+)\), after bot-\d/, DEADLINE_MS);
    const news = `${leader} leads (term ${term}), after`;
    const runbook = await numberOf(show, /\[1\] Runbook: Graceful failover/);
    // The killed one is started again: there must be somebody to hand over to.
    await show.shows(/the failover is complete/, DEADLINE_MS);
    inputs = 0;
    await type(runbook);
    await type(await numberOf(show, /\[1\] Failover/));
    await type(await numberOf(show, /\[1\] Confirm/));
    await show.shows(/✔ verified: bot-\d leads in term \d+/, DEADLINE_MS);
    expect(inputs).toBeLessThanOrEqual(AT_MOST_INPUTS);
    const shown = show
      .output()
      .split("\n")
      .filter((line) => line.includes("▌") && line.includes(news));
    expect(shown).toHaveLength(1);

    show.type("\u0003");
    await show.shows(/Stopped, nothing is left running\./, DEADLINE_MS);
    expect(await show.exited).toBe(0);
  },
  4 * DEADLINE_MS,
);
