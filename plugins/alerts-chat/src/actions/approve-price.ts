/** Releases a held move: only for readings that agree with the prices that the approver saw, and only for a few minutes. */
import { BaseError } from "@jeju-oracle/kit";
import { z } from "zod";
import { usd } from "../commands/format.ts";
import type { ControlAction } from "./control-action.ts";
import type { SystemView } from "./system-view.ts";
import { UsageError } from "./usage-error.ts";

const usage = "/approve_price";

export const approvePrice: ControlAction<Record<string, never>> = {
  id: "approve_price",
  title: "Approve the held price",
  risk: "normal",
  role: "operator",
  params: z.strictObject({}),
  usage,
  example: usage,
  verifyWithinMs: 60_000,
  parse(args) {
    if (args.length > 0) {
      throw new UsageError("approve_price takes nothing: it approves what is shown", {
        usage,
        example: usage,
      });
    }
    return {};
  },
  async plan(view) {
    const { ethUsd8, elizaUsd8, snapshot } = heldIn(view);
    return {
      summary: [
        `ETH ${usd(snapshot.chainEthUsd8)} -> ${usd(ethUsd8)}`,
        `elizaOS ${usd(snapshot.chainElizaUsd8)} -> ${usd(elizaUsd8)}`,
        "Pushed when the readings still agree.",
      ],
      preconditions: { held: "yes", "last update": String(snapshot.lastUpdateMs) },
      baseline: {
        lastUpdateMs: String(snapshot.lastUpdateMs),
        ethUsd8: ethUsd8.toString(),
        elizaUsd8: elizaUsd8.toString(),
      },
    };
  },
  async execute(view, _params, { by, reason, baseline }) {
    heldIn(view);
    const [ethUsd8, elizaUsd8] = [BigInt(baseline.ethUsd8 ?? 0), BigInt(baseline.elizaUsd8 ?? 0)];
    view.oracle?.approveHeld({ by, reason, ethUsd8, elizaUsd8 });
  },
  async verify(view, _params, { baseline }) {
    const snapshot = view.snapshot();
    const updated = snapshot !== undefined && String(snapshot.lastUpdateMs) !== baseline.lastUpdateMs;
    return {
      kind: updated ? "verified" : "pending",
      observed: `on chain: ETH ${usd(snapshot?.chainEthUsd8)}, elizaOS ${usd(snapshot?.chainElizaUsd8)}`,
    };
  },
};

/** @throws {BaseError} when nothing is held, or another agent leads: the approval counts where it is given. */
function heldIn(view: SystemView) {
  const snapshot = view.snapshot();
  const leadership = view.leadership();
  if (leadership?.role === "follower") {
    throw new BaseError(`${leadership.leaderId ?? "another agent"} leads, and must be told itself`, {
      code: "not-leader",
      retryable: true,
      nextStep: `Ask on the host of ${leadership.leaderId ?? "the leader"}, or \`/failover ${view.botId}\` first.`,
    });
  }
  const { sourceEthUsd8: ethUsd8, sourceElizaUsd8: elizaUsd8 } = snapshot ?? {};
  if (snapshot?.lastDecision?.reason !== "held" || ethUsd8 === undefined || elizaUsd8 === undefined) {
    throw new BaseError("no price is held", {
      code: "nothing-held",
      retryable: true,
      nextStep: "`/prices` shows what stands; nothing waits for an approval.",
    });
  }
  return { ethUsd8, elizaUsd8, snapshot };
}
