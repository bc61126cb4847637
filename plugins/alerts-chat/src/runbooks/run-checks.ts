/** Runs the checks of a runbook, all at once and each with a deadline. Never throws: what cannot be told is told as that. */
import { describeError, withDeadline } from "@jeju-oracle/kit";
import type { SystemView } from "../actions/system-view.ts";
import type { CheckStep, Finding } from "./runbook.ts";

/** A person waits, and a chat answers within 10 s. */
const CHECK_DEADLINE_MS = 7_000;

export interface Checked extends Finding {
  readonly title: string;
}

export function runChecks(view: SystemView, checks: readonly CheckStep[]): Promise<readonly Checked[]> {
  return Promise.all(
    checks.map(async ({ title, look }) => {
      try {
        const found = await withDeadline(view.clock, title, CHECK_DEADLINE_MS, async () => look(view));
        return { title, ...found };
      } catch (error) {
        return { title, ok: undefined, seen: `cannot be told: ${describeError(error)}` };
      }
    }),
  );
}

/** `✅` ok, `❌` not, `❔` not to be told from here. */
export function signOf({ ok }: Finding): string {
  return ok === undefined ? "❔" : ok ? "✅" : "❌";
}

/** Only what was seen to be well counts. */
export function allWell(checked: readonly Checked[]): boolean {
  return checked.every(({ ok }) => ok === true);
}
