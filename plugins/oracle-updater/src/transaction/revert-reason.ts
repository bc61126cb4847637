/** Reverts of updates, decoded to typed failures that say what to do. */
import { fencedPriceUpdaterAbi } from "@jeju-oracle/contracts/FencedPriceUpdater";
import { decodeErrorResult, type Hex } from "viem";
import { oracleAbi, pausableAbi } from "../oracle/abi.ts";
import { TransactionError } from "../rpc/rpc-errors.ts";

const knownErrors = [...oracleAbi, ...pausableAbi, ...fencedPriceUpdaterAbi];

interface RevertMeaning {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
  readonly retryable: boolean;
}

/** What each custom error of oracle and fence means for an update. */
const MEANING_BY_ERROR: Readonly<Record<string, RevertMeaning>> = {
  NotAuthorized: {
    code: "not-authorized",
    message: "the oracle does not accept updates from this key",
    nextStep:
      "The owner calls setPriceUpdater with this agent's address, or PRICE_UPDATER_PRIVATE_KEY is corrected.",
    retryable: false,
  },
  NotABot: {
    code: "not-authorized",
    message: "the fenced updater does not know this key as a bot",
    nextStep: "The owner of the FencedPriceUpdater calls setBot for this agent's address.",
    retryable: false,
  },
  PriceDeviationTooLarge: {
    code: "deviation-too-large",
    message: "the oracle refuses a move of more than 50 %",
    nextStep:
      "Check the sources; if the move is real, the owner sends emergencyPriceUpdate as in the runbook.",
    retryable: false,
  },
  PriceOutOfBounds: {
    code: "out-of-bounds",
    message: "the oracle refuses a price outside its bounds",
    nextStep: "Check the sources and ETH_USD_MIN, ETH_USD_MAX, ELIZA_USD_MIN, ELIZA_USD_MAX.",
    retryable: false,
  },
  EnforcedPause: {
    code: "oracle-paused",
    message: "the oracle is paused",
    nextStep: "Find out who paused it and why; the owner calls unpause when it is safe.",
    retryable: false,
  },
  StateChanged: {
    code: "state-changed",
    message: "another update landed since this one was decided",
    nextStep: "Nothing: the agent reads again and decides anew.",
    retryable: true,
  },
  DeadlinePassed: {
    code: "deadline-passed",
    message: "the update reached the chain after its deadline",
    nextStep: "Nothing: the agent reads again and decides anew.",
    retryable: true,
  },
};

/** The typed failure behind revert data (undefined when the node attached none). */
export function decodeRevert(data: Hex | undefined): TransactionError {
  const name = data === undefined ? undefined : errorName(data);
  const meaning = name === undefined ? undefined : MEANING_BY_ERROR[name];
  if (meaning !== undefined) {
    return new TransactionError(meaning.code, meaning.message, {
      retryable: meaning.retryable,
      nextStep: meaning.nextStep,
      details: { revert: name ?? "" },
    });
  }
  return new TransactionError(
    "reverted",
    `the update reverts with ${name ?? data?.slice(0, 10) ?? "no reason"}`,
    {
      retryable: false,
      nextStep: "Check that ORACLE_ADDRESS names the right contract and what changed on it.",
      details: { revert: name ?? data?.slice(0, 74) ?? "none" },
    },
  );
}

function errorName(data: Hex): string | undefined {
  try {
    return decodeErrorResult({ abi: knownErrors, data }).errorName;
  } catch {
    return undefined;
  }
}
