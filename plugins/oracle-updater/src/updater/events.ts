/** What the updater tells the world. The service turns it into log lines, metrics, alerts and elizaOS events. */

import type { BaseError, LeadershipGrant } from "@jeju-oracle/kit";
import type { Decision } from "../decision/decide.ts";
import type { Author } from "../oracle/attribution.ts";
import type { OracleState } from "../oracle/oracle-state.ts";
import type { Quote } from "../price/quote.ts";
import type { Rejection } from "../price/rejection.ts";

/** One look at source and chain and what was decided. */
export interface Look {
  readonly state: OracleState;
  readonly source: Quote | Rejection;
  readonly decision: Decision;
  readonly nowS: bigint;
}

export interface LandedUpdate {
  readonly reason: string;
  /** As what this agent acted. */
  readonly as: LeadershipGrant["as"];
  readonly ethUsd8: bigint;
  readonly elizaUsd8: bigint;
  readonly transactionHash: string;
  readonly blockNumber: bigint;
  /** From the decision to the receipt, ms. */
  readonly latencyMs: number;
}

export interface UpdaterEvents {
  looked(look: Look): void;
  landed(update: LandedUpdate): void;
  /** A due push did not land; `consecutive` counts this one. */
  failed(error: BaseError, consecutive: number): void;
  lostRace(): void;
  /** A stuck transaction's nonce was used up by a cancellation. */
  cancelled(nonce: number, transactionHash: string): void;
  foreignUpdate(author: Exclude<Author, { kind: "fleet" }>): void;
}
