/**
 * What the oracle and the fence must do, written a second time and independently: the fuzz compares the chain with it.
 * Pure; one call per transaction, in the order of the block.
 */
import type { Address } from "viem";
import type { Revert } from "./chain.ts";
import type { FenceState } from "./oracle.ts";
import { bounds, type Prices } from "./prices.ts";

export type FenceCall =
  | {
      readonly kind: "fenced-update";
      readonly expected: FenceState;
      readonly next: Prices;
      readonly deadline: bigint;
    }
  | { readonly kind: "oracle-update"; readonly next: Prices }
  | { readonly kind: "emergency-update"; readonly next: Prices }
  | { readonly kind: "set-updater"; readonly updater: Address }
  | { readonly kind: "set-bot"; readonly bot: Address; readonly allowed: boolean };

export interface FenceModel extends FenceState {
  readonly fence: Address;
  readonly fenceOwner: Address;
  readonly oracleOwner: Address;
  readonly priceUpdater: Address;
  readonly bots: ReadonlySet<Address>;
}

/** The model after the call, or the error that the call reverts with. */
export type Outcome =
  | { readonly landed: true; readonly model: FenceModel }
  | { readonly landed: false; readonly revert: Revert };

const oneDay = 86_400n;

/** @param timestamp The block's, in seconds. */
export function predict(model: FenceModel, caller: Address, call: FenceCall, timestamp: bigint): Outcome {
  switch (call.kind) {
    case "fenced-update": {
      if (!model.bots.has(caller)) return refuse("NotABot", caller);
      if (timestamp > call.deadline) return refuse("DeadlinePassed", call.deadline, timestamp);
      if (!sameState(model, call.expected)) {
        return refuse("StateChanged", model.ethUsd, model.elizaUsd, model.lastUpdate, model.updateCount);
      }
      const counted = { ...model, updateCount: model.updateCount + 1n };
      return updateOracle(counted, model.fence, call.next, timestamp);
    }
    case "oracle-update":
      return updateOracle(model, caller, call.next, timestamp);
    case "emergency-update":
      if (caller !== model.oracleOwner) return refuse("OwnableUnauthorizedAccount", caller);
      return withinBounds(call.next) ? write(model, call.next, timestamp) : refuse("PriceOutOfBounds");
    case "set-updater":
      if (caller !== model.oracleOwner) return refuse("OwnableUnauthorizedAccount", caller);
      return { landed: true, model: { ...model, priceUpdater: call.updater } };
    case "set-bot": {
      if (caller !== model.fenceOwner) return refuse("OwnableUnauthorizedAccount", caller);
      const others = [...model.bots].filter((bot) => bot !== call.bot);
      return {
        landed: true,
        model: { ...model, bots: new Set(call.allowed ? [...others, call.bot] : others) },
      };
    }
    default:
      return call satisfies never;
  }
}

export const sameState = (a: FenceState, b: FenceState): boolean =>
  a.ethUsd === b.ethUsd &&
  a.elizaUsd === b.elizaUsd &&
  a.lastUpdate === b.lastUpdate &&
  a.updateCount === b.updateCount;

export const stateOf = ({ ethUsd, elizaUsd, lastUpdate, updateCount }: FenceModel): FenceState => ({
  ethUsd,
  elizaUsd,
  lastUpdate,
  updateCount,
});

function updateOracle(model: FenceModel, caller: Address, next: Prices, timestamp: bigint): Outcome {
  if (caller !== model.priceUpdater && caller !== model.oracleOwner) return refuse("NotAuthorized");
  if (!withinBounds(next)) return refuse("PriceOutOfBounds");
  const exempt = timestamp - model.lastUpdate > oneDay;
  const tooFar =
    wholePercent(model.ethUsd, next.ethUsd) > 50n || wholePercent(model.elizaUsd, next.elizaUsd) > 50n;
  return tooFar && !exempt ? refuse("PriceDeviationTooLarge") : write(model, next, timestamp);
}

function write(model: FenceModel, { ethUsd, elizaUsd }: Prices, timestamp: bigint): Outcome {
  return { landed: true, model: { ...model, ethUsd, elizaUsd, lastUpdate: timestamp } };
}

const refuse = (name: string, ...args: readonly unknown[]): Outcome => ({
  landed: false,
  revert: { name, args },
});

const withinBounds = ({ ethUsd, elizaUsd }: Prices): boolean =>
  ethUsd >= bounds.ethUsd.lowest &&
  ethUsd <= bounds.ethUsd.highest &&
  elizaUsd >= bounds.elizaUsd.lowest &&
  elizaUsd <= bounds.elizaUsd.highest;

const wholePercent = (from: bigint, to: bigint): bigint =>
  ((to > from ? to - from : from - to) * 100n) / from;
