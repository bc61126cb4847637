import type { TestAgent } from "./agents.ts";

/** Value of one series of the agent's own metrics; 0 when it has not been recorded. */
export async function metric(
  { registry }: TestAgent,
  name: string,
  labels: Record<string, string> = {},
): Promise<number> {
  const { values } = (await registry.getSingleMetric(name)?.get()) ?? { values: [] };
  const wanted = Object.entries(labels);
  const series = values.find((value) => wanted.every(([label, text]) => value.labels[label] === text));
  return Number(series?.value ?? 0);
}
