/** Which store a LEADER_LOCK_URL names, and whether it names one at all. Asks nothing of any store. */
import { fileURLToPath } from "node:url";
import { StoreUnusableError } from "@jeju-oracle/kit";
import { parseEtcdUrl } from "./etcd/etcd-url.ts";
import { parsePostgresUrl } from "./postgres/postgres-url.ts";

/** The stores there are. Why these, and why not Redis: docs/decisions/coordination-stores.md. */
const STORE_SCHEMES = ["file", "postgres", "postgresql", "etcd"] as const;
export type StoreScheme = (typeof STORE_SCHEMES)[number];

/** By its text: several hosts, as etcd has them, are no URL by the standard. Undefined for a scheme that is not known. */
export function storeScheme(url: string): StoreScheme | undefined {
  return STORE_SCHEMES.find((scheme) => url.startsWith(`${scheme}://`));
}

/** What is wrong with the URL, for an operator; undefined when nothing is. Shows nothing of what may be a password. */
export function storeUrlProblem(url: string): string | undefined {
  const scheme = storeScheme(url);
  switch (scheme) {
    case "file":
      return fileUrlProblem(url);
    case "postgres":
    case "postgresql":
      return refusalOf(() => parsePostgresUrl(url));
    case "etcd":
      return refusalOf(() => parseEtcdUrl(url));
    case undefined: {
      const named = /^([a-z][a-z0-9+.-]{0,30}):\/\//i.exec(url)?.[1];
      const known = `known are ${STORE_SCHEMES.join(", ")}`;
      return named === undefined ? `is not a URL; ${known}` : `names an unknown store ${named}; ${known}`;
    }
    default:
      return scheme satisfies never;
  }
}

function fileUrlProblem(url: string): string | undefined {
  if (!URL.canParse(url)) return "is not a URL";
  const { hostname, pathname, search, hash } = new URL(url);
  if (hostname !== "") return "names a host: the path of a file URL begins after three slashes";
  if (search !== "" || hash !== "") return "has a ? or # that is not percent-encoded";
  if (pathname.endsWith("/")) return "names no file";
  try {
    fileURLToPath(url);
    return undefined;
  } catch {
    return "has a path with an encoded slash";
  }
}

function refusalOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof StoreUnusableError) return error.message;
    throw error;
  }
}
