/** The line between one agent and both of its chains, to be cut. */
import { type Localnet, type RpcFault, startRpcProxy } from "@jeju-oracle/localnet";

export interface RpcLine extends AsyncDisposable {
  /** What makes an agent use this line. */
  readonly env: Readonly<Record<string, string>>;
  setFault(fault: RpcFault | null): Promise<void>;
}

export async function startRpcLine({ base, jeju }: Localnet): Promise<RpcLine> {
  const [toBase, toJeju] = await Promise.all([
    startRpcProxy({ target: base.rpcUrl }),
    startRpcProxy({ target: jeju.rpcUrl }),
  ]);
  return {
    env: {
      BASE_RPC_URLS: toBase.url,
      BASE_WS_URL: toBase.wsUrl,
      JEJU_RPC_URLS: toJeju.url,
      JEJU_WS_URL: toJeju.wsUrl,
    },
    async setFault(fault) {
      await Promise.all([toBase.setFault(fault), toJeju.setFault(fault)]);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([toBase.stop(), toJeju.stop()]);
    },
  };
}
