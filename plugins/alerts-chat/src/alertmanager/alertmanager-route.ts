/**
 * `POST /alertmanager`: alerts of other systems. 200 only when they are on this host's disk; whatever may pass is answered 503, which
 * Alertmanager tries again, and what cannot pass 400, which it does not
 * (https://github.com/prometheus/alertmanager/blob/v0.25.0/notify/util.go, Retrier).
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IAgentRuntime, Route, RouteResponse } from "@elizaos/core";
import { agentContextOf, BaseError, describeError, parseEnv, type Secret } from "@jeju-oracle/kit";
import type { AlertDesk } from "../alerts/alert-desk.ts";
import { alertmanagerEnv } from "./alertmanager-env.ts";
import { readWebhook } from "./webhook.ts";

/** Alertmanager has its own pauses between attempts; others who post are told this. */
const RETRY_AFTER_S = 5;

/** @param deskOf the desk of this runtime; undefined while it is not there yet. */
export function alertmanagerRoute(deskOf: (runtime: IAgentRuntime) => AlertDesk | undefined): Route {
  const tokens = new WeakMap<IAgentRuntime, { readonly token: Secret | undefined }>();
  const tokenOf = (runtime: IAgentRuntime) => {
    const known = tokens.get(runtime) ?? readToken(runtime);
    tokens.set(runtime, known);
    return known.token;
  };
  return {
    type: "POST",
    path: "/alertmanager",
    public: true,
    name: "alertmanager",
    handler: async ({ body, headers }, response, runtime) => {
      const token = tokenOf(runtime);
      if (token === undefined) return refuseUnconfigured(response);
      if (!isBearer(headers?.authorization, token)) return refuseStranger(response);
      const reading = readWebhook(body);
      const { logger } = agentContextOf(runtime);
      if (reading.kind === "refused") {
        logger.warn("Alerts from outside were refused", { problem: reading.problem });
        response.status(400).json({ error: reading.problem });
        return;
      }
      const desk = deskOf(runtime);
      if (desk === undefined) return askAgain(response, "the agent is starting");
      try {
        await desk.observe(reading.observations);
      } catch (error) {
        if (!(error instanceof BaseError && error.retryable)) throw error;
        logger.error("Alerts from outside could not be kept; they are asked for again", {
          error: describeError(error),
        });
        return askAgain(response, `${error.message}. ${error.nextStep}`);
      }
      response.status(200).json({ status: "kept" });
    },
  };
}

function readToken(runtime: IAgentRuntime) {
  return { token: parseEnv(alertmanagerEnv, agentContextOf(runtime).env).ALERTMANAGER_TOKEN };
}

function refuseUnconfigured(response: RouteResponse): void {
  response.status(404).json({
    error:
      "alerts from outside are not configured here: set ALERTMANAGER_TOKEN or ALERTMANAGER_TOKEN_FILE to 16 or more characters, and the same as `authorization: credentials` in Alertmanager's webhook_config",
  });
}

function refuseStranger(response: RouteResponse): void {
  response.setHeader?.("www-authenticate", "Bearer");
  response.status(401).json({ error: "give the token of ALERTMANAGER_TOKEN as `Authorization: Bearer …`" });
}

function askAgain(response: RouteResponse, problem: string): void {
  response.setHeader?.("retry-after", String(RETRY_AFTER_S));
  response.status(503).json({ error: problem });
}

/** Hashes have one length, so the time of the comparison tells nothing about the token, not even its length. */
function isBearer(header: string | string[] | undefined, token: Secret): boolean {
  const [, given] = typeof header === "string" ? (/^Bearer +(\S+)$/i.exec(header) ?? []) : [];
  return given !== undefined && timingSafeEqual(digest(given), digest(token.reveal()));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
