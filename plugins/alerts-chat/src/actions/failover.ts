/** Graceful failover: the leader hands over to a named or the best member (seed: Procedure 1). */
import { z } from "zod";
import type { ControlAction } from "./control-action.ts";
import { fleetOf, leaderAndTerm, memberOf } from "./fleet-action.ts";
import { UsageError } from "./usage-error.ts";

const params = z.object({ to: z.string().min(1).max(63).optional() });
type Params = z.output<typeof params>;

const usage = "/failover [bot]";
const example = "/failover bot-2";

export const failover: ControlAction<Params> = {
  id: "failover",
  title: "Graceful failover",
  risk: "normal",
  role: "operator",
  params,
  usage,
  example,
  verifyWithinMs: 30_000,
  parse(args) {
    if (args.length > 1) throw new UsageError("failover takes one bot at most", { usage, example });
    return args[0] === undefined ? {} : { to: args[0] };
  },
  async plan(view, { to }) {
    fleetOf(view);
    const { leader, term } = leaderAndTerm(view);
    if (to !== undefined) memberOf(view, to);
    return {
      summary: [
        `The lead goes from ${leader} (term ${term}) to ${to ?? "the fittest other member"}.`,
        "Updates go on; the next heartbeat is not late.",
      ],
      preconditions: { leader, term },
      baseline: { leader, term },
    };
  },
  async execute(view, { to }, { by, reason }) {
    await fleetOf(view).failover({ to, by, reason });
  },
  async verify(view, { to }, { baseline }) {
    const { leader, term } = leaderAndTerm(view);
    const changed = Number(term) > Number(baseline.term) && leader !== "nobody";
    if (!changed) return { kind: "pending", observed: `${baseline.leader} still leads in term ${term}` };
    if (to === undefined ? leader !== baseline.leader : leader === to) {
      return { kind: "verified", observed: `${leader} leads in term ${term}` };
    }
    return { kind: "failed", observed: `${leader} leads in term ${term}` };
  },
};
