/** An error that nobody caught is logged and counted, and the process lives on: a price loop must outlast any chat bug. */
import { type AgentContext, describeError } from "@jeju-oracle/kit";
import { Counter } from "prom-client";

const KINDS = ["unhandledRejection", "uncaughtException"] as const;

/**
 * Guards the process until the returned function is called.
 * Metric: `oracle_unhandled_errors_total{kind}`; alert on any increase, each one is a defect.
 */
export function guardProcess({ logger, metrics }: Pick<AgentContext, "logger" | "metrics">): () => void {
  const counter = new Counter({
    name: "oracle_unhandled_errors_total",
    help: "Errors that nobody caught. Each is a defect.",
    labelNames: ["kind"],
    registers: [metrics],
  });
  const listeners = KINDS.map((kind) => {
    counter.inc({ kind }, 0);
    const listener = (error: unknown) => {
      counter.inc({ kind });
      logger.error("An error was not handled; the agent goes on", {
        kind,
        error: describeError(error),
        stack: stackOf(error),
      });
    };
    process.on(kind, listener);
    return () => void process.off(kind, listener);
  });
  // A closed log pipe must not turn every later line into an uncaught exception.
  const onOutputError = () => counter.inc({ kind: "output" });
  counter.inc({ kind: "output" }, 0);
  process.stdout.on("error", onOutputError);
  return () => {
    for (const remove of listeners) remove();
    process.stdout.off("error", onOutputError);
  };
}

/** The first frames on one line; enough to find the place, bounded for the log. */
function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return error.stack
    ?.split("\n")
    .slice(1, 5)
    .map((line) => line.trim())
    .join(" ");
}
