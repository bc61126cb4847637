/** Restarts one agent: its process ends and its supervisor starts it again (seed: Bot Crashed). */
import { z } from "zod";
import type { ControlAction } from "./control-action.ts";
import { fleetOf, leaderAndTerm, memberOf } from "./fleet-action.ts";
import { UsageError } from "./usage-error.ts";

const params = z.object({ bot: z.string().min(1).max(63) });
type Params = z.output<typeof params>;

const usage = "/restart bot";
const example = "/restart bot-1";

export const restart: ControlAction<Params> = {
  id: "restart",
  title: "Restart an agent",
  risk: "normal",
  role: "operator",
  params,
  usage,
  example,
  verifyWithinMs: 60_000,
  parse(args) {
    const [bot] = args;
    if (bot === undefined || args.length > 1)
      throw new UsageError("restart takes exactly one bot", { usage, example });
    return { bot };
  },
  async plan(view, { bot }) {
    fleetOf(view);
    const member = memberOf(view, bot);
    const { leader } = leaderAndTerm(view);
    return {
      summary: [
        `The process of ${bot} on ${member.host} ends, and its supervisor starts it again.`,
        ...(leader === bot ? [`${bot} leads: it hands over first.`] : []),
      ],
      preconditions: { process: member.incarnation },
      baseline: { process: member.incarnation },
    };
  },
  async execute(view, { bot }, { by, reason }) {
    await fleetOf(view).restart({ botId: bot, by, reason });
  },
  async verify(view, { bot }, { baseline }) {
    const member = memberOf(view, bot);
    if (member.incarnation !== baseline.process && member.alive) {
      return { kind: "verified", observed: `${bot} runs again as process ${member.pid}` };
    }
    return {
      kind: "pending",
      observed: `${bot} is ${member.role === "stopped" ? "stopped" : "still the old process"}`,
    };
  },
};
