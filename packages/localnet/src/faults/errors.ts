/** Failures of the fault proxies themselves, not of what they simulate. */
import { BaseError } from "@jeju-oracle/kit";

/** The proxy has no port, or lost it while it refused connections. */
export class RpcProxyPortError extends BaseError {
  constructor(what: string) {
    super(what, {
      code: "rpc-proxy-port",
      retryable: true,
      nextStep: "See which process listens there (`ss -ltnp`), end it if it is a leftover, and try again.",
      docsPath: "packages/localnet/README.md",
    });
  }
}
