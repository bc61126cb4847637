/**
 * Releases a held move at whichever agent leads: only for readings that agree with the prices that the approver saw, as long as the
 * update stands that it moves away from, and for a few minutes.
 */
import { BaseError } from "@jeju-oracle/kit";
import { z } from "zod";
import { usd } from "../words/format.ts";
import type { ControlAction } from "./control-action.ts";
import { fleetOf } from "./fleet-action.ts";
import type { SystemView } from "./system-view.ts";
import { UsageError } from "./usage-error.ts";

const usage = "/approve_price";
/** How long an approval counts, in chain time: readings that agree come every few seconds, and a takeover fits in. */
const VALID_FOR_S = 300n;

export const approvePrice: ControlAction<Record<string, never>> = {
  id: "approve_price",
  title: "Approve the held price",
  risk: "normal",
  role: "operator",
  params: z.strictObject({}),
  usage,
  example: usage,
  // As long as the approval counts: a card that ended before could not tell of a price that was released after it.
  verifyWithinMs: Number(VALID_FOR_S) * 1_000,
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
    fleetOf(view);
    const { ethUsd8, elizaUsd8, snapshot } = heldIn(view);
    return {
      summary: [
        `ETH ${usd(snapshot.chainEthUsd8)} -> ${usd(ethUsd8)}`,
        `elizaOS ${usd(snapshot.chainElizaUsd8)} -> ${usd(elizaUsd8)}`,
        "Whichever agent leads pushes it when its readings still agree.",
        `It counts for ${VALID_FOR_S / 60n} min, and for this one move.`,
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
    const { blockTimestampS } = await view.owner.readOracle();
    const { ethUsd8, elizaUsd8, lastUpdateMs } = baseline;
    await fleetOf(view).approve({
      by,
      reason,
      ethUsd8: BigInt(ethUsd8 ?? 0),
      elizaUsd8: BigInt(elizaUsd8 ?? 0),
      lastUpdateS: BigInt(lastUpdateMs ?? 0) / 1_000n,
      untilChainTimeS: blockTimestampS + VALID_FOR_S,
    });
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

/** What this agent holds: a follower reads and judges as the leader does. @throws {BaseError} when nothing is held. */
function heldIn(view: SystemView) {
  const snapshot = view.snapshot();
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
