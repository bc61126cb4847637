/** Force leadership: takes the lease from a leader that does not let go (seed: Procedure 2). Still one leader at a time. */
import { z } from "zod";
import type { ControlAction } from "./control-action.ts";
import { fleetOf, leaderAndTerm, memberOf } from "./fleet-action.ts";
import { UsageError } from "./usage-error.ts";

const params = z.object({ to: z.string().min(1).max(63) });
type Params = z.output<typeof params>;

const usage = "/force_leader bot";
const example = "/force_leader bot-2";

export const forceLeader: ControlAction<Params> = {
  id: "force_leader",
  title: "Force leadership",
  risk: "critical",
  role: "approver",
  params,
  usage,
  example,
  // A leader that does not answer keeps its lease until it has run out.
  verifyWithinMs: 300_000,
  parse(args) {
    const [to] = args;
    if (to === undefined || args.length > 1) {
      throw new UsageError("force_leader takes exactly one bot", { usage, example });
    }
    return { to };
  },
  async plan(view, { to }) {
    fleetOf(view);
    const { leader, term } = leaderAndTerm(view);
    const member = memberOf(view, to);
    return {
      summary: [
        `The lease of ${leader} (term ${term}) is revoked; ${to} leads next.`,
        `${to} begins when ${leader} lets go, or when its lease has run out.`,
        ...(member.fit ? [] : [`${to} is not fit: ${member.unfitReasons.join("; ")}`]),
      ],
      preconditions: { leader, term },
      baseline: { leader, term },
    };
  },
  async execute(view, { to }, { by, reason }) {
    await fleetOf(view).forceLeader({ to, by, reason });
  },
  async verify(view, { to }, { baseline }) {
    const { leader, term } = leaderAndTerm(view);
    if (leader === to && Number(term) > Number(baseline.term)) {
      return { kind: "verified", observed: `${to} leads in term ${term}` };
    }
    return { kind: "pending", observed: `${leader} leads in term ${term}` };
  },
};
