export { RpcProxyPortError } from "./errors.ts";
export type { RpcFault, RpcFaultKind, SendsOfOldView, WrongResult } from "./fault.ts";
export { type RpcLogEntry, type RpcProxy, type RpcProxyOptions, startRpcProxy } from "./rpc-proxy.ts";
