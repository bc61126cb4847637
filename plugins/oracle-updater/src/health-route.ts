/** `GET /health`: the JSON of the user's runbooks, and what else helps to understand it. */
import type { IAgentRuntime, Route } from "@elizaos/core";
import { agentContextOf, findPort, type OracleSnapshot } from "@jeju-oracle/kit";

/** The body of `/health`: the seed's seven fields first. Bigints become decimal text. */
export function healthBody(snapshot: OracleSnapshot, uptimeS: number) {
  const { lastDecision } = snapshot;
  return {
    status: snapshot.healthy ? "healthy" : "unhealthy",
    botId: snapshot.botId,
    healthy: snapshot.healthy,
    lastUpdate: snapshot.lastUpdateMs,
    consecutiveFailures: snapshot.consecutiveFailures,
    totalUpdates: snapshot.totalUpdates,
    uptime: uptimeS,
    reasons: snapshot.unhealthyReasons,
    priceAgeS: toNumber(snapshot.priceAgeS),
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
    response.status(snapshot.healthy ? 200 : 503).json(healthBody(snapshot, Math.floor(process.uptime())));
  },
};
