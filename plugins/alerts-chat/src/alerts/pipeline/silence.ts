/** Holds back what somebody silenced. What was sent before is still edited: a silence must not leave a wrong message standing. */
import { isInForce, isSilencedBy } from "../silence.ts";
import type { Stage } from "./notice.ts";

export const silence: Stage = (notices, { silences, nowMs }) =>
  notices.filter(({ kind, entries: [entry] }) => {
    if (kind === "edit" || entry === undefined) return true;
    const { alert } = entry;
    return !silences.some((each) => {
      if (!isSilencedBy(alert, each)) return false;
      // What began and ended under a silence stays silent when the silence is over.
      return (
        isInForce(each, nowMs) ||
        (alert.resolvedAtMs !== undefined &&
          each.sinceMs <= alert.resolvedAtMs &&
          alert.startedAtMs <= each.untilMs)
      );
    });
  });
