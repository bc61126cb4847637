/** Pausing and unpausing contracts (seed: Oracle Contract Issue): sent with the owner's key, or handed out. */
import { BaseError } from "@jeju-oracle/kit";
import { z } from "zod";
import type { OwnerCall } from "../owner/owner-office.ts";
import type { ControlAction } from "./control-action.ts";
import type { SystemView } from "./system-view.ts";
import { UsageError } from "./usage-error.ts";

interface Switch {
  readonly id: string;
  readonly title: string;
  readonly effect: string;
  readonly call: (view: SystemView) => OwnerCall;
  /** Undefined: the contract cannot be paused. */
  readonly isPaused: (view: SystemView) => Promise<boolean | undefined>;
  readonly becomes: boolean;
}

function switchAction({
  id,
  title,
  effect,
  call,
  isPaused,
  becomes,
}: Switch): ControlAction<Record<string, never>> {
  const usage = `/${id}`;
  return {
    id,
    title,
    risk: "critical",
    role: "approver",
    params: z.strictObject({}),
    usage,
    example: usage,
    verifyWithinMs: 90_000,
    parse(args) {
      if (args.length > 0) throw new UsageError(`${id} takes nothing`, { usage, example: usage });
      return {};
    },
    async plan(view) {
      const paused = await isPaused(view);
      if (paused === undefined) {
        throw new BaseError("this contract cannot be paused", {
          code: "not-pausable",
          retryable: false,
          nextStep: "Not every version has `paused()`. For a wrong price use `/emergency_price`.",
        });
      }
      if (paused === becomes) {
        throw new BaseError(`it is ${becomes ? "paused" : "running"} already`, {
          code: "nothing-to-do",
          retryable: false,
          nextStep: "Nothing is to be done.",
        });
      }
      await view.owner.simulate(call(view));
      return {
        summary: [
          effect,
          ...(view.owner.hasKey ? [] : ["No owner key here: the call is handed out, not sent."]),
        ],
        preconditions: { paused: String(paused) },
        baseline: {},
        ...(view.owner.hasKey ? {} : { handOut: view.owner.handOut(call(view)) }),
      };
    },
    async execute(view) {
      if (view.owner.hasKey) await view.owner.send(call(view));
    },
    async verify(view) {
      const paused = await isPaused(view);
      const observed = paused === true ? "paused on chain" : "running on chain";
      return { kind: paused === becomes ? "verified" : "pending", observed };
    },
  };
}

const paymasterPaused = (view: SystemView) => view.owner.readPaymasterPaused();

export const pausePaymaster = switchAction({
  id: "pause_paymaster",
  title: "Pause the paymaster",
  effect: "The paymaster quotes nothing until it is unpaused.",
  call: (view) => view.owner.pausePaymasterCall(),
  isPaused: paymasterPaused,
  becomes: true,
});

export const unpausePaymaster = switchAction({
  id: "unpause_paymaster",
  title: "Unpause the paymaster",
  effect: "The paymaster quotes again.",
  call: (view) => view.owner.unpausePaymasterCall(),
  isPaused: paymasterPaused,
  becomes: false,
});

export const unpauseOracle = switchAction({
  id: "unpause_oracle",
  title: "Unpause the oracle",
  effect: "The oracle accepts updates again.",
  call: (view) => view.owner.unpauseOracleCall(),
  isPaused: async (view) => (await view.owner.readOracle()).paused,
  becomes: false,
});
