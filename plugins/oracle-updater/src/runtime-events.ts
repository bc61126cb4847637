/** Typed elizaOS events of this plugin, and how they are published: a failing listener never reaches the price loop. */
import type { EventPayload, EventPayloadMap, IAgentRuntime } from "@elizaos/core";
import { describeError, type Logger } from "@jeju-oracle/kit";
import type { LandedUpdate } from "./updater/events.ts";

declare module "@elizaos/core" {
  interface EventPayloadMap {
    ORACLE_UPDATE_LANDED: EventPayload & { update: LandedUpdate };
    ORACLE_UPDATE_FAILED: EventPayload & { code: string; message: string; consecutive: number };
    ORACLE_FOREIGN_UPDATE: EventPayload & { from: string | undefined; transactionHash: string | undefined };
  }
}

type OracleEvent = "ORACLE_UPDATE_LANDED" | "ORACLE_UPDATE_FAILED" | "ORACLE_FOREIGN_UPDATE";

/** Hands an event to every listener, each on its own. Returns at once. */
export function publish<Name extends OracleEvent>(
  runtime: IAgentRuntime,
  logger: Logger,
  name: Name,
  payload: Omit<EventPayloadMap[Name], keyof EventPayload>,
): void {
  const event = { ...payload, runtime, source: "oracle-updater" } as unknown as EventPayloadMap[Name];
  for (const listener of runtime.getEvent(name) ?? []) {
    Promise.resolve()
      .then(() => listener(event))
      .catch((error: unknown) =>
        logger.error("An event listener failed", { event: name, error: describeError(error) }),
      );
  }
}
