/** Failures of the local network. Tests match on `code`; the messages are for the person who runs it. */
import { BaseError } from "@jeju-oracle/kit";

const docsPath = "packages/localnet/README.md";

/** An option, a scenario parameter or an input file is not usable as given. */
export class LocalnetInputError extends BaseError {
  constructor(what: string, nextStep: string, details: Readonly<Record<string, string | number>> = {}) {
    super(what, { code: "localnet-input", retryable: false, nextStep, details, docsPath });
  }
}

/** The chain process did not come up. Carries the end of its own output. */
export class ChainStartError extends BaseError {
  constructor(what: string, outputTail: string, cause?: unknown) {
    super(outputTail === "" ? what : `${what}; its last output was:\n${outputTail}`, {
      code: "chain-start-failed",
      retryable: true,
      nextStep:
        "Run `bun install` so that the anvil package for this platform is present, then read the output above.",
      docsPath,
      cause,
    });
  }
}

/** The chain is stopped on purpose (`pause()`), so nothing that needs a block can finish. */
export class ChainPausedError extends BaseError {
  constructor(chainId: number, what: string) {
    super(`${what} needs a block, but chain ${chainId} is paused`, {
      code: "chain-paused",
      retryable: false,
      nextStep: "Call resume() first, or mine() to add single blocks to a paused chain.",
      details: { chainId },
      docsPath,
    });
  }
}

/** A JSON-RPC request of the local network's own machinery failed. */
export class LocalRpcError extends BaseError {
  constructor(method: string, reason: string, retryable: boolean, cause?: unknown) {
    super(`${method} failed: ${reason}`, {
      code: "local-rpc-failed",
      retryable,
      nextStep: "Check that the chain is running and neither stopped by a signal nor already shut down.",
      details: { method },
      docsPath,
      cause,
    });
  }
}

/** A transaction of the local network's own machinery was mined and reverted, or was not mined. */
export class LocalTransactionError extends BaseError {
  constructor(what: string, reason: string) {
    super(`${what}: ${reason}`, {
      code: "local-transaction-failed",
      retryable: false,
      nextStep: "Check the parameters of the operation against the state of the local contracts.",
      docsPath,
    });
  }
}
