/** Holds back what somebody silenced. What was sent before is still edited: a silence must not leave a wrong message standing. */
import { isInForce, isSilencedBy } from "../silence.ts";
import type { Stage } from "./notice.ts";

export const silence: Stage = (notices, { silences, nowMs }) =>
  notices.filter(({ kind, entries: [entry] }) => {
    if (kind === "edit" || entry === undefined) return true;
    const { alert } = entry;
    return !silences.some((each) => {
      if (!isSilencedBy(alert, each)) return false;
      // What ended under a silence stays silent when the silence is over; what outlived it is told.
      const { resolvedAtMs } = alert;
      const endedUnder =
        resolvedAtMs !== undefined && each.sinceMs <= resolvedAtMs && resolvedAtMs <= each.untilMs;
      return isInForce(each, nowMs) || endedUnder;
    });
  });
