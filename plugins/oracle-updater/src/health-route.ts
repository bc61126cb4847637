/** `GET /health`: the JSON of the user's runbooks, and what else helps to understand it. */
import type { IAgentRuntime, Route } from "@elizaos/core";
import { agentContextOf, findPort, type LeadershipStatus, type OracleSnapshot } from "@jeju-oracle/kit";

/** The body of `/health`: the seed's seven fields first. Bigints become decimal text. */
export function healthBody(
  snapshot: OracleSnapshot,
  uptimeS: number,
  leadership: LeadershipStatus | undefined,
) {
  const { lastDecision, lastLookAgeMs } = snapshot;
  return {
    status: snapshot.healthy ? "healthy" : "unhealthy",
    botId: snapshot.botId,
    healthy: snapshot.healthy,
    lastUpdate: snapshot.lastUpdateMs,
    consecutiveFailures: snapshot.consecutiveFailures,
    totalUpdates: snapshot.totalUpdates,
    uptime: uptimeS,
    role: leadership?.role,
    leader: leadership?.leaderId,
    term: leadership?.term,
    reasons: snapshot.unhealthyReasons,
    troubles: snapshot.troubles.map(({ code }) => code),
    priceAgeS: toNumber(snapshot.priceAgeS),
    lastLookAgeS: lastLookAgeMs === undefined ? undefined : Math.floor(lastLookAgeMs / 1000),
    chainEthUsd8: snapshot.chainEthUsd8?.toString(),
    chainElizaUsd8: snapshot.chainElizaUsd8?.toString(),
    sourceEthUsd8: snapshot.sourceEthUsd8?.toString(),
    sourceElizaUsd8: snapshot.sourceElizaUsd8?.toString(),
    paused: snapshot.pausedBy,
    inFlightAgeMs: snapshot.inFlightAgeMs,
    decision:
      lastDecision === undefined
        ? undefined
        : { kind: lastDecision.kind, reason: lastDecision.reason, detail: lastDecision.detail },
  };
}

function toNumber(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

export const healthRoute: Route = {
  type: "GET",
  path: "/health",
  public: true,
  name: "health",
  handler: async (_request, response, runtime: IAgentRuntime) => {
    const control = findPort(runtime, "oracle-updater");
    if (control === undefined) {
      response.status(503).json({
        status: "starting",
        botId: agentContextOf(runtime).botId,
        healthy: false,
        lastUpdate: 0,
        consecutiveFailures: 0,
        totalUpdates: 0,
        uptime: Math.floor(process.uptime()),
      });
      return;
    }
    const snapshot = control.snapshot();
    const leadership = findPort(runtime, "leadership")?.leadershipStatus();
    const body = healthBody(snapshot, Math.floor(process.uptime()), leadership);
    response.status(snapshot.healthy ? 200 : 503).json(body);
  },
};
