import { describe, expect, test } from "bun:test";
import {
  ChainUnreachableError,
  classifySendError,
  EndpointError,
  type SendFailure,
} from "../../src/rpc/rpc-errors.ts";

/**
 * Refusals as the nodes word them.
 * geth, op-geth: core/txpool/errors.go, core/error.go, core/state_transition.go, internal/ethapi/errors.go
 *   (https://github.com/ethereum/go-ethereum, https://github.com/ethereum-optimism/op-geth)
 * reth: crates/rpc/rpc-eth-types/src/error/mod.rs (https://github.com/paradigmxyz/reth)
 * erigon: txnprovider/txpool/txpoolcfg/txpoolcfg.go, DiscardReason.String (https://github.com/erigontech/erigon)
 * nethermind: Nethermind.TxPool/AcceptTxResult.cs (https://github.com/NethermindEth/nethermind)
 * anvil: crates/anvil/src/eth/error.rs (https://github.com/foundry-rs/foundry)
 */
const WORDINGS: readonly (readonly [node: string, message: string, failure: SendFailure])[] = [
  ["geth", "already known", "already-known"],
  ["old geth", "known transaction: 0x5f3a", "already-known"],
  ["erigon", "INTERNAL_ERROR: existing tx with same hash", "already-known"],
  ["erigon", "ALREADY_EXISTS: already known", "already-known"],
  ["nethermind", "AlreadyKnown", "already-known"],
  ["anvil", "transaction already imported", "already-known"],

  ["geth", "nonce too low: next nonce 7, tx nonce 6", "nonce-too-low"],
  ["geth", "nonce too low: address 0x0499, tx: 6 state: 7", "nonce-too-low"],
  ["reth", "nonce too low: next nonce 7, tx nonce 6", "nonce-too-low"],
  ["erigon", "INTERNAL_ERROR: nonce too low", "nonce-too-low"],
  ["nethermind", "OldNonce, Current nonce: 7, nonce of rejected tx: 6", "nonce-too-low"],
  ["anvil", "nonce too low", "nonce-too-low"],

  ["geth", "nonce too high: address 0x0499, tx: 9 state: 7", "nonce-too-high"],
  ["nethermind", "NonceGap, Future nonce", "nonce-too-high"],
  ["nethermind", "NonceTooFarInFuture", "nonce-too-high"],
  ["anvil", "nonce too high", "nonce-too-high"],

  ["geth", "replacement transaction underpriced", "underpriced"],
  ["geth", "replacement transaction underpriced: new tx gas fee cap 1 <= 1 queued", "underpriced"],
  ["reth", "replacement transaction underpriced", "underpriced"],
  ["erigon", "INTERNAL_ERROR: could not replace existing tx", "underpriced"],
  ["nethermind", "ReplacementNotAllowed, existing transaction has fee 1", "underpriced"],
  ["anvil", "replacement transaction underpriced", "underpriced"],

  ["geth", "transaction underpriced", "fee-below-minimum"],
  ["op-geth", "transaction underpriced: gas tip cap 0, minimum needed 1", "fee-below-minimum"],
  ["reth", "transaction underpriced", "fee-below-minimum"],
  ["erigon", "underpriced", "fee-below-minimum"],
  ["erigon", "fee too low", "fee-below-minimum"],
  ["nethermind", "FeeTooLow, MaxFeePerGas too low. MaxFeePerGas: 1, BaseFee: 7", "fee-below-minimum"],
  ["nethermind", "FeeTooLowToCompete", "fee-below-minimum"],
  [
    "geth",
    "max fee per gas less than block base fee: address 0x0499, maxFeePerGas: 1, baseFee: 7",
    "fee-below-minimum",
  ],
  ["anvil", "max fee per gas less than block base fee", "fee-below-minimum"],
  ["geth", "max priority fee per gas higher than max fee per gas", "fee-below-minimum"],

  [
    "geth",
    "insufficient funds for gas * price + value: balance 0, tx cost 21000, overshot 21000",
    "insufficient-funds",
  ],
  ["reth", "insufficient funds for gas * price + value: have 0 want 21000", "insufficient-funds"],
  ["erigon", "INTERNAL_ERROR: insufficient funds", "insufficient-funds"],
  ["nethermind", "InsufficientFunds, Account balance: 0, cumulative cost: 21000", "insufficient-funds"],
  ["anvil", "Insufficient funds for gas * price + value", "insufficient-funds"],

  ["geth", "execution reverted", "reverted"],
  ["geth", "execution reverted: Pausable: paused", "reverted"],
  ["anvil", "execution reverted: custom error 0x82b42900", "reverted"],
  ["nethermind", "VM execution error: revert", "reverted"],

  ["geth", "txpool is full", "other"],
  ["geth", "intrinsic gas too low: gas 21000, minimum needed 21432", "other"],
  ["geth", "tx fee (1.20 ether) exceeds the configured cap (1.00 ether)", "other"],
  ["geth", "future transaction tries to replace pending", "other"],
  ["op-geth", "failed to forward tx to sequencer, please try again. Error message: 'EOF'", "other"],
  ["any", "the method eth_sendRawTransaction does not exist/is not available", "other"],
  ["any", "internal error", "other"],
];

describe("refusals of a transaction, as nodes word them", () => {
  for (const [node, message, failure] of WORDINGS) {
    test(`${node}: "${message}" is ${failure}`, () => {
      expect(classifySendError({ code: -32000, message, data: undefined })).toBe(failure);
    });
  }

  test("unknown words with revert data are a revert", () => {
    expect(classifySendError({ code: 3, message: "call failed", data: "0x82b42900" })).toBe("reverted");
  });
});

describe("errors teach", () => {
  test("an endpoint's failure is retryable, has its own code and keeps its cause", () => {
    const cause = new Error("why");
    const error = new EndpointError("head-behind", "Base RPC 1", "its head is behind", cause);
    expect(error).toMatchObject({
      code: "rpc-head-behind",
      retryable: true,
      message: "Base RPC 1: its head is behind",
      details: { endpoint: "Base RPC 1" },
      cause,
    });
    expect(error.nextStep.length).toBeGreaterThan(10);
  });

  test("an unreachable chain names the variable to look at", () => {
    const error = new ChainUnreachableError("Jeju", 2, undefined);
    expect(error).toMatchObject({ code: "chain-unreachable", details: { chain: "Jeju", attempts: 2 } });
    expect(error.nextStep).toContain("JEJU_RPC_URLS");
  });
});
