/** Who may do what. Filled from OPERATORS_FILE; see operators-file.ts. */
import type { Secret } from "@jeju-oracle/kit";
import type { Caller } from "../conversation/inbound.ts";

/** Each role may do what the ones before it may. */
export const ROLES = ["viewer", "responder", "operator", "approver"] as const;
export type Role = (typeof ROLES)[number];

/** One person, on whatever platform: the unit of authorisation and of the second signature. */
export interface Principal {
  readonly id: string;
  readonly role: Role;
  /** Numeric user id. */
  readonly telegram: string | undefined;
  /** Snowflake. */
  readonly discord: string | undefined;
  /** Base32 secret of one-time passwords (RFC 6238); undefined: no break-glass. */
  readonly totp: Secret | undefined;
}

export interface People {
  /** The person behind a caller; undefined for anybody who is not in the file, a bot, or nobody in particular. */
  principalOf(caller: Caller): Principal | undefined;
  byId(id: string): Principal | undefined;
  /** Ids in the order in which they are called. */
  readonly oncall: readonly string[];
  readonly all: readonly Principal[];
}

export function mayAs(principal: Principal | undefined, needed: Role): boolean {
  return principal !== undefined && ROLES.indexOf(principal.role) >= ROLES.indexOf(needed);
}
