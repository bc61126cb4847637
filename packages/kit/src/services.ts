/**
 * How plugins find each other: by port, through the runtime's service registry. A plugin names a service type and gets
 * the port; it never imports the plugin that implements it.
 */
import type { IAgentRuntime, Service, ServiceTypeName } from "@elizaos/core";
import type { Clock } from "./clock.ts";
import { withDeadline } from "./clock.ts";
import type { AlertSink } from "./ports/alert-sink.ts";
import type { ConfirmationGate } from "./ports/confirmation-gate.ts";
import type { Coordination } from "./ports/coordination.ts";
import type { FleetControl } from "./ports/fleet-control.ts";
import type { FleetView } from "./ports/fleet-view.ts";
import type { Leadership } from "./ports/leadership.ts";
import type { OracleControl } from "./ports/oracle-control.ts";

declare module "@elizaos/core" {
  interface ServiceTypeRegistry {
    ORACLE_UPDATER: "oracle-updater";
    LEADERSHIP: "leadership";
    FLEET: "fleet";
    COORDINATION: "coordination";
    ALERTS: "alerts";
    CONFIRMATION: "confirmation";
  }
}

/** The port behind each service type of this system. */
export interface ServicePorts {
  "oracle-updater": OracleControl;
  leadership: Leadership;
  fleet: FleetView & FleetControl;
  coordination: Coordination;
  alerts: AlertSink;
  confirmation: ConfirmationGate;
}

/** The port of a running service, or undefined when no plugin provides it (yet). */
export function findPort<Name extends keyof ServicePorts & ServiceTypeName>(
  runtime: IAgentRuntime,
  name: Name,
): ServicePorts[Name] | undefined {
  return runtime.getService<Service & ServicePorts[Name]>(name) ?? undefined;
}

/**
 * Waits until the service behind a port has started.
 * @throws {DeadlineError} when it has not started within `deadlineMs`.
 */
export async function waitForPort<Name extends keyof ServicePorts & ServiceTypeName>(
  runtime: IAgentRuntime,
  clock: Clock,
  name: Name,
  deadlineMs: number,
): Promise<ServicePorts[Name]> {
  const present = findPort(runtime, name);
  if (present !== undefined) return present;
  const service = await withDeadline(clock, `service ${name}`, deadlineMs, () =>
    runtime.getServiceLoadPromise(name),
  );
  return service as Service & ServicePorts[Name];
}
