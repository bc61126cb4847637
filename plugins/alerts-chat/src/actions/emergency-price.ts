/**
 * The owner's emergency price (seed: Procedure 3). The fleet must be paused with nothing in flight, so that no agent's update lands
 * around it; the price is sent by the owner's key or handed out; the fleet stays paused until somebody resumes it.
 */
import { BaseError } from "@jeju-oracle/kit";
import { z } from "zod";
import type { OracleOnChain } from "../owner/owner-office.ts";
import { sourceLine } from "../owner/source-line.ts";
import { usd } from "../words/format.ts";
import type { ControlAction } from "./control-action.ts";
import type { SystemView } from "./system-view.ts";
import { parsePrice8, requirePlausible } from "./typed-price.ts";
import { UsageError } from "./usage-error.ts";

const price8 = z.string().regex(/^\d{1,20}$/);
const params = z.object({ ethUsd8: price8, elizaUsd8: price8 });
type Params = z.output<typeof params>;

const usage = "/emergency_price ETH elizaOS";
const example = "/emergency_price 3245.67 0.0842";

export const emergencyPrice: ControlAction<Params> = {
  id: "emergency_price",
  title: "Emergency price update",
  risk: "critical",
  role: "approver",
  params,
  usage,
  example,
  verifyWithinMs: 90_000,
  parse(args) {
    const [eth, eliza] = args.map(parsePrice8);
    if (args.length !== 2 || eth === undefined || eliza === undefined) {
      throw new UsageError("emergency_price takes two prices in dollars", { usage, example });
    }
    return { ethUsd8: eth.toString(), elizaUsd8: eliza.toString() };
  },
  async plan(view, given) {
    const ethUsd8 = BigInt(given.ethUsd8);
    const elizaUsd8 = BigInt(given.elizaUsd8);
    const oracle = await view.owner.readOracle();
    requirePlausible("eth", ethUsd8, oracle.ethUsd8);
    requirePlausible("eliza", elizaUsd8, oracle.elizaUsd8);
    requirePausedFleet(view);
    const call = view.owner.emergencyPriceCall(ethUsd8, elizaUsd8);
    await view.owner.simulate(call);
    const sources = await view.owner.liveSources();
    return {
      summary: [
        `ETH ${usd(oracle.ethUsd8)} -> ${usd(ethUsd8)}`,
        `elizaOS ${usd(oracle.elizaUsd8)} -> ${usd(elizaUsd8)}`,
        ...sources.map((source) => sourceLine(source, { ethUsd8, elizaUsd8 })),
        "The fleet stays paused until resumed.",
        ...(view.owner.hasKey ? [] : ["No owner key here: the call is handed out, not sent."]),
      ],
      preconditions: { "last price": stateOf(oracle) },
      baseline: { before: stateOf(oracle) },
      ...(view.owner.hasKey ? {} : { handOut: view.owner.handOut(call) }),
    };
  },
  async execute(view, { ethUsd8, elizaUsd8 }) {
    requirePausedFleet(view);
    if (!view.owner.hasKey) return;
    await view.owner.send(view.owner.emergencyPriceCall(BigInt(ethUsd8), BigInt(elizaUsd8)));
  },
  async verify(view, { ethUsd8, elizaUsd8 }, { baseline }) {
    const oracle = await view.owner.readOracle();
    const isNew = stateOf(oracle) !== baseline.before;
    const isOurs = oracle.ethUsd8 === BigInt(ethUsd8) && oracle.elizaUsd8 === BigInt(elizaUsd8);
    const observed = `on chain: ETH ${usd(oracle.ethUsd8)}, elizaOS ${usd(oracle.elizaUsd8)}`;
    if (isOurs && isNew) return { kind: "verified", observed };
    return { kind: isNew ? "failed" : "pending", observed };
  },
};

/** Two updates may share a second, so the time alone tells no two states apart. */
function stateOf({ ethUsd8, elizaUsd8, lastUpdateS }: OracleOnChain): string {
  return `${ethUsd8}/${elizaUsd8} at ${lastUpdateS}`;
}

/** An agent that pushes in the same moment would overwrite the price, or be overwritten by it. */
function requirePausedFleet(view: SystemView): void {
  const alive = view.members().filter((member) => member.alive);
  const pushing = alive.filter((member) => member.pausedBy === undefined).map(({ botId }) => botId);
  const flying = alive.filter((member) => member.inFlight).map(({ botId }) => botId);
  if (pushing.length > 0) {
    throw new BaseError(`${pushing.join(", ")} would still push prices`, {
      code: "fleet-not-paused",
      retryable: true,
      nextStep: "Pause the fleet first: `/pause`.",
    });
  }
  if (flying.length > 0) {
    throw new BaseError(`a transaction of ${flying.join(", ")} may still land`, {
      code: "in-flight",
      retryable: true,
      nextStep: "Wait until it has landed or was cancelled, then try again.",
    });
  }
}
