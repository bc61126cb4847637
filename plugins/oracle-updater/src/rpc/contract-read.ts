/** One typed read of a contract: how to ask and how to decode, kept together so that the two cannot drift apart. */
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  type DecodeFunctionResultParameters,
  decodeFunctionResult,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
} from "viem";
import type { ContractCall, ContractResult } from "./batch-read.ts";

export interface ContractRead<Value> extends ContractCall {
  /** The decoded value, or undefined when the call reverted, met no code, or returned another shape. */
  decode(result: ContractResult | undefined): Value | undefined;
}

type ReadName<A extends Abi> = ContractFunctionName<A, "view" | "pure">;
type ReadArgs<A extends Abi, N extends ReadName<A>> = ContractFunctionArgs<A, "view" | "pure", N>;

/** Prepares the call of `functionName` at `target`. */
export function contractRead<const A extends Abi, N extends ReadName<A>>(
  target: Address,
  abi: A,
  functionName: N,
  args: ReadArgs<A, N>,
): ContractRead<ContractFunctionReturnType<A, "view" | "pure", N, ReadArgs<A, N>>> {
  type Value = ContractFunctionReturnType<A, "view" | "pure", N, ReadArgs<A, N>>;
  return {
    target,
    callData: encodeFunctionData({ abi, functionName, args } as unknown as EncodeFunctionDataParameters),
    decode(result) {
      if (result === undefined || !result.success) return undefined;
      try {
        const parameters = { abi, functionName, args, data: result.returnData };
        return decodeFunctionResult(parameters as unknown as DecodeFunctionResultParameters) as Value;
      } catch {
        return undefined;
      }
    },
  };
}
