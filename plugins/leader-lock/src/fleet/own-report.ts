/** What this agent tells the fleet about itself, from the snapshot of its price loop. Pure. */
import { type OracleSnapshot, scrubSecrets } from "@jeju-oracle/kit";
import type { FullReport } from "./member-record.ts";

/** What does not change while the process runs. */
export interface OwnFacts {
  readonly version: string;
  readonly configHash: string;
  readonly priority: number;
  readonly nofailover: boolean;
}

/** @param snapshot undefined while the price loop starts. */
export function ownReport(
  facts: OwnFacts,
  snapshot: OracleSnapshot | undefined,
  chatReachable: boolean | undefined,
): FullReport {
  if (snapshot === undefined) return { ...facts, ...STARTING, chatReachable };
  const own = snapshot.troubles.filter(({ shared }) => !shared);
  const { lastDecision } = snapshot;
  return {
    ...facts,
    healthy: snapshot.healthy,
    unhealthyReasons: snapshot.unhealthyReasons.map(fleetText),
    fit: own.length === 0,
    unfitReasons: own.map(({ text }) => fleetText(text)),
    lastUpdateMs: snapshot.lastUpdateMs,
    chainEthUsd8: snapshot.chainEthUsd8,
    chainElizaUsd8: snapshot.chainElizaUsd8,
    sourceEthUsd8: snapshot.sourceEthUsd8,
    sourceElizaUsd8: snapshot.sourceElizaUsd8,
    decision: lastDecision === undefined ? undefined : `${lastDecision.kind} ${lastDecision.reason}`,
    wouldPush: lastDecision?.wouldPush,
    directiveId: snapshot.directiveId,
    pausedBy: snapshot.pausedBy === undefined ? undefined : fleetText(snapshot.pausedBy),
    inFlight: snapshot.inFlightAgeMs !== undefined,
    tag: snapshot.tag,
    chatReachable,
  };
}

const LONGEST_TEXT = 300;

/** Text for a record: another host shows it, which cannot know what is a secret of this one. */
export function fleetText(text: string): string {
  return scrubSecrets(text).slice(0, LONGEST_TEXT);
}

const STARTING = {
  healthy: false,
  unhealthyReasons: ["starting"],
  fit: false,
  unfitReasons: ["starting"],
  lastUpdateMs: 0,
  chainEthUsd8: undefined,
  chainElizaUsd8: undefined,
  sourceEthUsd8: undefined,
  sourceElizaUsd8: undefined,
  decision: undefined,
  wouldPush: undefined,
  directiveId: undefined,
  pausedBy: undefined,
  inFlight: false,
  tag: undefined,
} as const;
