/** One Prometheus registry per agent. Every series carries `bot_id`, as the deployed dashboards expect. */
import { Gauge, Registry } from "prom-client";

/** Creates the agent's registry with the process figures that mean something under Bun. */
export function createMetricsRegistry(botId: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ bot_id: botId });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory of the agent process in bytes.",
    registers: [registry],
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: "oracle_uptime_seconds",
    help: "Seconds since this agent process started.",
    registers: [registry],
    collect() {
      this.set(Math.floor(process.uptime()));
    },
  });
  return registry;
}
