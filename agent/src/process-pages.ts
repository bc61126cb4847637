/** The pages that exist before and without any plugin. */
import type { AgentContext } from "@jeju-oracle/kit";
import { type HttpPage, type HttpReply, jsonReply } from "./http-reply.ts";

export type Phase = "starting" | "ready" | "stopping";

/**
 * - `/livez`: the process works. For supervisors; never depends on chain or price.
 * - `/readyz`: starting is over; chain and price play no part here either.
 * - `/metrics`: the agent's registry in Prometheus text.
 * - `/health`: "starting" until a plugin's page takes its place.
 * - `POST /alertmanager`: "come again" until a plugin's page takes its place: Alertmanager gives up on what is not found.
 */
export function processPages(
  { botId, metrics }: Pick<AgentContext, "botId" | "metrics">,
  phase: () => Phase,
): readonly HttpPage[] {
  return [
    { method: "GET", path: "/livez", handler: async () => jsonReply(200, { status: "alive", botId }) },
    {
      method: "GET",
      path: "/readyz",
      handler: async () => jsonReply(phase() === "ready" ? 200 : 503, { status: phase(), botId }),
    },
    {
      method: "GET",
      path: "/metrics",
      handler: async () => ({
        status: 200,
        headers: { "content-type": metrics.contentType },
        body: await metrics.metrics(),
      }),
    },
    {
      method: "GET",
      path: "/health",
      handler: async () => jsonReply(503, startingHealth(botId)),
    },
    {
      method: "POST",
      path: "/alertmanager",
      handler: async () =>
        phase() === "ready"
          ? jsonReply(404, { error: "this agent takes no alerts: its character names no plugin for them" })
          : comeAgain(phase()),
    },
  ];
}

/** Longer than a start takes. */
const COME_AGAIN_AFTER_S = 5;

function comeAgain(phase: Phase): HttpReply {
  const reply = jsonReply(503, { error: `the agent is ${phase}` });
  return { ...reply, headers: { ...reply.headers, "retry-after": String(COME_AGAIN_AFTER_S) } };
}

/** The fields of the user's runbooks (seed: Health Check Endpoints), before anything is known. */
function startingHealth(botId: string) {
  return {
    status: "starting",
    botId,
    healthy: false,
    lastUpdate: 0,
    consecutiveFailures: 0,
    totalUpdates: 0,
    uptime: Math.floor(process.uptime()),
  };
}
