/** RPC failures, classified once, here at the chain boundary. Everything above switches on `kind`. */
import { BaseError, type ErrorDetail } from "@jeju-oracle/kit";

export type EndpointFailure =
  | "unreachable"
  | "timeout"
  | "http-error"
  | "rate-limited"
  | "garbage"
  | "rpc-error"
  | "wrong-chain"
  | "head-behind"
  | "head-stalled"
  | "state-unavailable";

/** One endpoint did not do its job. Another endpoint, or this one later, may. */
export class EndpointError extends BaseError {
  readonly kind: EndpointFailure;

  constructor(kind: EndpointFailure, endpoint: string, message: string, cause?: unknown) {
    super(`${endpoint}: ${message}`, {
      code: `rpc-${kind}`,
      retryable: true,
      nextStep: "The next endpoint is tried by itself. If all fail, add one to the RPC URLs of this chain.",
      details: { endpoint },
      docsPath: "docs/architecture.md",
      cause,
    });
    this.kind = kind;
  }
}

/** No endpoint of a chain answered. */
export class ChainUnreachableError extends BaseError {
  constructor(chain: string, attempts: number, cause: unknown) {
    super(`no ${chain} RPC endpoint could serve the request`, {
      code: "chain-unreachable",
      retryable: true,
      nextStep: `Check the network of this host and the ${chain.toUpperCase()}_RPC_URLS; add a backup endpoint.`,
      details: { chain, attempts },
      cause,
    });
  }
}

/** The JSON-RPC error object of one call. */
export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  /** Revert data when the node attached any. */
  readonly data: `0x${string}` | undefined;
}

export type SendFailure =
  | "already-known"
  | "nonce-too-low"
  | "nonce-too-high"
  | "underpriced"
  | "insufficient-funds"
  | "fee-below-minimum"
  | "reverted"
  | "other";

/**
 * Wording of geth, op-geth, reth, erigon, nethermind and anvil: nodes have no codes for these. Sources:
 * go-ethereum core/txpool/errors.go, core/error.go; reth rpc-eth-types error; erigon txpoolcfg DiscardReason; nethermind
 * TxPool AcceptTxResult (before and after it took over geth's wording); anvil eth/error.rs.
 * Order matters: a refused *replacement* means that a rival waits at this nonce, plain "underpriced" does not.
 */
const SEND_PATTERNS: readonly (readonly [RegExp, SendFailure])[] = [
  [/already known|already imported|known transaction|alreadyknown|tx with same hash/i, "already-known"],
  [/nonce too low|nonce is too low|oldnonce/i, "nonce-too-low"],
  [/nonce too high|nonce gap|noncegap|nonce ?too ?far ?in ?(the )?future/i, "nonce-too-high"],
  [
    /replacement transaction underpriced|replacement fee too low|replacementnotallowed|not replace existing/i,
    "underpriced",
  ],
  [/insufficient ?funds|insufficient balance|not enough balance/i, "insufficient-funds"],
  [
    /underpriced|max fee per gas less than|fee cap less than block base fee|max priority fee.*higher|fee ?too ?low/i,
    "fee-below-minimum",
  ],
  [/revert/i, "reverted"],
];

/** What a node's refusal of a transaction (or its simulation) means. */
export function classifySendError(error: RpcErrorObject): SendFailure {
  for (const [pattern, failure] of SEND_PATTERNS) if (pattern.test(error.message)) return failure;
  return error.data === undefined ? "other" : "reverted";
}

/** A transaction could not be sent or landed reverted, for a reason that the next endpoint would give as well. */
export class TransactionError extends BaseError {
  constructor(
    code: string,
    message: string,
    options: { retryable: boolean; nextStep: string; details?: Record<string, ErrorDetail>; cause?: unknown },
  ) {
    super(message, { code, ...options });
  }
}
