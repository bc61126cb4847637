/** The files of ops/ as the tests read them. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const opsPath = (file: string) => fileURLToPath(new URL(`../../../ops/${file}`, import.meta.url));

interface PrometheusRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Every rule that is shipped. `promtool` checks the form of the file. */
export function prometheusRules(): readonly PrometheusRule[] {
  const text = readFileSync(opsPath("prometheus/oracle-alerts.yml"), "utf8");
  const { groups } = Bun.YAML.parse(text) as { groups: readonly { rules: readonly PrometheusRule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}
