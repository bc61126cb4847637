/** Agents as far as the store shows them: what real ones write when they find an intent. */
import { decodeLease } from "../../../../plugins/leader-lock/src/election/lease-record.ts";
import { encodeReport } from "../../../../plugins/leader-lock/src/fleet/member-record.ts";
import {
  DIRECTIVE,
  FAILOVER_INTENT,
  INTENT_PREFIX,
  ORACLE_LEASE,
  RESTART_PREFIX,
} from "../../../../plugins/leader-lock/src/fleet/names.ts";
import {
  decodeDirective,
  decodeFailover,
} from "../../../../plugins/leader-lock/src/intents/intent-records.ts";
import {
  identityOf,
  type RecordedFleet,
  reportWith,
} from "../../../../plugins/leader-lock/test/intents/support/fleet-records.ts";

/** Calls `react` for each record that is written under `prefix`, until the returned function is called. */
function onWrite(fleet: RecordedFleet, prefix: string, react: (value: string) => void): () => void {
  const seen = new Set<string>();
  return fleet.server.watch(prefix, () => {
    for (const { version, value } of fleet.server.list(prefix)) {
      if (seen.has(version)) continue;
      seen.add(version);
      react(value);
    }
  });
}

/** bot-1 hands over to whom it is told, who leads at once. */
export function handsOver(fleet: RecordedFleet): void {
  onWrite(fleet, FAILOVER_INTENT, (value) => {
    const to = decodeFailover(value)?.to ?? "bot-2";
    fleet.lease(null, { from: "bot-1", nominee: to });
    queueMicrotask(() => fleet.lease(identityOf(to), { term: 7 }));
  });
}

/** bot-1 refuses every failover. */
export function refusesFailovers(fleet: RecordedFleet, refused: string): void {
  onWrite(fleet, FAILOVER_INTENT, (value) => {
    const intent = decodeFailover(value);
    if (intent?.refused === undefined) fleet.put(FAILOVER_INTENT, JSON.stringify({ ...intent, refused }));
  });
}

/** The nominee of a revoked lease leads at once: the old leader let go. */
export function letsGo(fleet: RecordedFleet): void {
  onWrite(fleet, ORACLE_LEASE, (value) => {
    const lease = decodeLease(value);
    if (lease?.revoked === true && lease.nominee !== undefined) {
      fleet.lease(identityOf(lease.nominee), { term: lease.term + 1, why: lease.why });
    }
  });
}

/** bot-1 and bot-2 obey every pause and resume. */
export function obeysDirectives(fleet: RecordedFleet): void {
  onWrite(fleet, DIRECTIVE, (value) => {
    const directive = decodeDirective(value);
    const report = reportWith({
      directiveId: directive?.id,
      pausedBy: directive?.kind === "pause" ? `paused by ${directive.by}: ${directive.reason}` : undefined,
    });
    fleet.lease(identityOf("bot-1"), { report: encodeReport(report) });
    fleet.member(identityOf("bot-2"), { report });
  });
}

/** bot-2 says goodbye and comes back as process 77. */
export function restarts(fleet: RecordedFleet): void {
  onWrite(fleet, RESTART_PREFIX, () => {
    fleet.member(identityOf("bot-2"), { stopped: true });
    queueMicrotask(() => fleet.member({ ...identityOf("bot-2", "second"), pid: 77 }));
  });
}

/** Every record that an operator wrote. */
export function intentsIn(fleet: RecordedFleet): readonly string[] {
  return fleet.server.list(INTENT_PREFIX).map(({ name }) => name);
}
