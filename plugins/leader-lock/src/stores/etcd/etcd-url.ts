/**
 * The URL of an etcd store:
 *
 *     etcd://[user:password@]host[:2379][,host[:2379]…][/prefix][?tls=true[&ca=/file.pem][&cert=/file.pem&key=/file.pem]]
 *
 * User and password are percent-encoded. All hosts are members of one cluster, tried in turn. Records are the keys below
 * `/prefix/` (`/oracle/` when left out). `ca` verifies the servers instead of the system's authorities; `cert` and `key` are
 * this client's own. This is not a URL by the standard's grammar: `new URL` refuses several hosts with ports.
 */
import { StoreUnusableError } from "@jeju-oracle/kit";

export interface EtcdTarget {
  /** Base URLs of the members' HTTP gateways. */
  readonly endpoints: readonly string[];
  /** `etcd://` and the hosts. */
  readonly label: string;
  readonly login: { readonly name: string; readonly password: string } | undefined;
  /** What every key begins with; ends with a slash. */
  readonly keyPrefix: string;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

/** https://etcd.io/docs/v3.4/op-guide/configuration/#--listen-client-urls */
const DEFAULT_PORT = 2379;
const DEFAULT_PREFIX = "oracle";
const PARAMETERS = ["tls", "ca", "cert", "key"] as const;

/** @throws {StoreUnusableError} for a URL that does not say where to go. Never shows the password. */
export function parseEtcdUrl(url: string): EtcdTarget {
  const parts =
    /^etcd:\/\/(?:(?<login>[^@/?]*)@)?(?<hosts>[^@/?]*)(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/.exec(url);
  if (parts?.groups === undefined) throw wrong("is not an etcd:// URL");
  const { login, hosts = "", path = "", query = "" } = parts.groups;
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (!PARAMETERS.some((known) => known === name))
      throw wrong(`has an unknown parameter ${name}; known are ${PARAMETERS.join(", ")}`);
  }
  const tls = parameters.get("tls") ?? "false";
  if (tls !== "true" && tls !== "false") throw wrong("has a tls that is neither true nor false");
  const [caFile, certFile, keyFile] = ["ca", "cert", "key"].map((name) => parameters.get(name) ?? undefined);
  if (tls === "false" && parameters.size > (parameters.has("tls") ? 1 : 0))
    throw wrong("names certificates without tls=true");
  if ((certFile === undefined) !== (keyFile === undefined)) throw wrong("needs cert and key together");
  const prefix = decode(path).replaceAll(/^\/+|\/+$/g, "") || DEFAULT_PREFIX;
  return {
    endpoints: hosts.split(",").map((host) => endpointOf(host, tls === "true" ? "https" : "http")),
    label: `etcd://${hosts}`,
    login: login === undefined ? undefined : loginOf(login),
    keyPrefix: `/${prefix}/`,
    ...{ caFile, certFile, keyFile },
  };
}

function endpointOf(host: string, scheme: "http" | "https"): string {
  if (host === "") throw wrong("names no host, or has a comma too many");
  const url = `${scheme}://${host}`;
  if (!URL.canParse(url)) throw wrong(`has a host that is none: ${host}`);
  // A URL leaves out the port that is its scheme's default.
  const port = /:(\d+)$/.exec(host)?.[1] ?? DEFAULT_PORT;
  return `${scheme}://${new URL(url).hostname}:${port}`;
}

function loginOf(text: string): { readonly name: string; readonly password: string } {
  const colon = text.indexOf(":");
  if (colon < 1) throw wrong("needs user and password together");
  return { name: decode(text.slice(0, colon)), password: decode(text.slice(colon + 1)) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong("has a % in its user, password or prefix that is not percent-encoded as %25");
  }
}

function wrong(problem: string): StoreUnusableError {
  return new StoreUnusableError(`the URL of the etcd store ${problem}`, {
    nextStep:
      "Set LEADER_LOCK_URL as in etcd://user:password@etcd-1:2379,etcd-2:2379,etcd-3:2379/oracle?tls=true.",
  });
}
