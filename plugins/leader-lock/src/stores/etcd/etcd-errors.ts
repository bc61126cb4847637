/**
 * What etcd's gateway said instead of an answer, as one of the port's two errors. Its codes are gRPC's; one code stands
 * for several troubles, so a few are told apart by the message, which etcd clients compare, too:
 * https://github.com/etcd-io/etcd/blob/v3.4.23/etcdserver/api/v3rpc/rpctypes/error.go
 */
import { StoreUnavailableError, StoreUnusableError } from "@jeju-oracle/kit";

/** An answer that is none. */
export interface EtcdRefusal {
  readonly httpStatus: number;
  /** https://grpc.github.io/grpc/core/md_doc_statuscodes.html; undefined when it was not etcd that answered. */
  readonly code: number | undefined;
  readonly message: string;
}

const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;
const FAILED_PRECONDITION = 9;
const UNAUTHENTICATED = 16;

const AUTH_IS_OFF = "etcdserver: authentication is not enabled";
const NO_USER = "etcdserver: user name is empty";
const WRONG_PASSWORD = "etcdserver: authentication failed, invalid user ID or password";
const OLD_AUTH_REVISION = "etcdserver: revision of auth store is old";
const OUT_OF_SPACE = "etcdserver: mvcc: database space exceeded";

/** The token is used up, or was never there: a new login may help. */
export function asksForLogin({ code, message }: EtcdRefusal): boolean {
  return (
    code === UNAUTHENTICATED ||
    (code === INVALID_ARGUMENT && (message === NO_USER || message === OLD_AUTH_REVISION))
  );
}

/** The cluster knows no users: requests need no token. */
export function authIsOff({ code, message }: EtcdRefusal): boolean {
  return code === FAILED_PRECONDITION && message === AUTH_IS_OFF;
}

/** The port's error for a refusal. */
export function refusalError(
  label: string,
  keyPrefix: string,
  refusal: EtcdRefusal,
): StoreUnavailableError | StoreUnusableError {
  const message = `${label} refuses: ${refusal.message}`;
  const nextStep = nextStepFor(keyPrefix, refusal);
  return nextStep === undefined
    ? new StoreUnavailableError(message)
    : new StoreUnusableError(message, { nextStep });
}

function nextStepFor(keyPrefix: string, { httpStatus, code, message }: EtcdRefusal): string | undefined {
  if (message === WRONG_PASSWORD) return "Set user and password in LEADER_LOCK_URL to those of an etcd user.";
  if (message === NO_USER)
    return "The cluster wants a login: put user:password@ before the hosts in LEADER_LOCK_URL.";
  if (message === OUT_OF_SPACE)
    return "Make room in etcd: compact, defragment and disarm its alarm (https://etcd.io/docs/v3.4/op-guide/maintenance/).";
  if (code === PERMISSION_DENIED)
    return `Let the user's role read and write the keys below ${keyPrefix}: etcdctl role grant-permission --prefix=true <role> readwrite ${keyPrefix}.`;
  if (code === INVALID_ARGUMENT && message !== OLD_AUTH_REVISION)
    return "etcd does not take what this release sends; use etcd 3.4 or later, without a request limit below its default.";
  if (code === undefined && httpStatus >= 400 && httpStatus < 500)
    return "Point LEADER_LOCK_URL at the client port of etcd 3.4 or later, with its HTTP gateway on (--enable-grpc-gateway).";
  return undefined;
}
