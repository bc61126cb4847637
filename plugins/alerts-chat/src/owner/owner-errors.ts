/** What can go wrong with an owner's call, in words that say what to do. */
import { BaseError } from "@jeju-oracle/kit";
import {
  ContractFunctionRevertedError,
  decodeErrorResult,
  type Hex,
  isHex,
  BaseError as ViemError,
} from "viem";
import { oracleOwnerAbi } from "./abis.ts";

const MEANING_BY_ERROR: Readonly<Record<string, readonly [message: string, nextStep: string]>> = {
  OwnableUnauthorizedAccount: [
    "the key is not the contract's owner",
    "Correct OWNER_PRIVATE_KEY, or hand the call out to the owner.",
  ],
  PriceOutOfBounds: [
    "the oracle refuses a price outside its bounds",
    "ETH must be $500 to $10,000, elizaOS $0.000001 to $10,000: check the digits.",
  ],
  PriceDeviationTooLarge: [
    "the oracle refuses a move of more than 50 %",
    "Check the digits; a larger real move needs several steps, or a price older than 24 h.",
  ],
  ExpectedPause: ["the contract is not paused", "Nothing is to be done."],
  EnforcedPause: ["the contract is paused already", "Nothing is to be done."],
};

/** The contract refuses the call. Nothing was sent. */
export class OwnerCallRefusedError extends BaseError {
  constructor(description: string, cause: unknown) {
    const name = revertNameOf(cause);
    const [message, nextStep] = MEANING_BY_ERROR[name ?? ""] ?? [
      `the contract refuses it${name === undefined ? "" : ` (${name})`}`,
      "Look at the contract's state; this version of it may not have the function.",
    ];
    super(`${description}: ${message}`, { code: "owner-call-refused", retryable: false, nextStep, cause });
  }
}

/** Jeju did not answer, or not in time. A transaction may have been sent. */
export class OwnerChainError extends BaseError {
  constructor(what: string, cause: unknown) {
    super(`${what}: Jeju did not answer`, {
      code: "jeju-unreachable",
      retryable: true,
      nextStep: "Check JEJU_RPC_URLS and the network, then look at the chain before trying again.",
      cause,
    });
  }
}

/** @returns undefined when `error` is no revert of the contract. */
function revertNameOf(error: unknown): string | undefined {
  if (!(error instanceof ViemError)) return undefined;
  const revert = error.walk((inner) => inner instanceof ContractFunctionRevertedError);
  if (revert instanceof ContractFunctionRevertedError) return revert.data?.errorName ?? revert.reason;
  const data = revertDataOf(error);
  return data === undefined ? undefined : decodedName(data);
}

/** A plain call is not tied to an ABI: what the contract said stands somewhere in the chain of causes. */
function revertDataOf(error: ViemError): Hex | undefined {
  const holder = error.walk((inner) => inner instanceof Error && "data" in inner && isHex(inner.data));
  return holder !== null && "data" in holder && isHex(holder.data) ? holder.data : undefined;
}

function decodedName(data: Hex): string | undefined {
  try {
    return decodeErrorResult({ abi: oracleOwnerAbi, data }).errorName;
  } catch (error) {
    if (error instanceof ViemError) return undefined;
    throw error;
  }
}

export function isRevert(error: unknown): boolean {
  return (
    error instanceof ViemError &&
    error.walk((inner) => inner instanceof ContractFunctionRevertedError) !== null
  );
}
