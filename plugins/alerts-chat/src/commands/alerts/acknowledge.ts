/** `/ack` and `/unack`: somebody takes care, or does not after all. Whoever takes care stops the calls, not the alert. */
import { UsageError } from "../../actions/usage-error.ts";
import { type Alert, codeOf } from "../../alerts/alert.ts";
import { ruleOf } from "../../alerts/rules/rules.ts";
import { type Line, line } from "../../conversation/outbound.ts";
import type { Command } from "../command.ts";

const SHOWN = 10;

export const ack: Command = {
  name: "ack",
  role: "responder",
  about: "Take care of an alert",
  usage: "/ack <code, rule or all>",
  example: "/ack a3f19c",
  changes: true,
  async run({ alerts }, [what], { principal }) {
    if (what === undefined || principal === undefined) throw new UsageError("which alert?", ack);
    return { lines: careLines("✔ Acknowledged", await alerts.acknowledge(what, principal.id)) };
  },
};

export const unack: Command = {
  name: "unack",
  role: "responder",
  about: "Give an alert back",
  usage: "/unack <code, rule or all>",
  example: "/unack a3f19c",
  changes: true,
  async run({ alerts }, [what], { principal }) {
    if (what === undefined || principal === undefined) throw new UsageError("which alert?", unack);
    return { lines: careLines("Given back", await alerts.unacknowledge(what, principal.id)) };
  },
};

export function careLines(what: string, changed: readonly Alert[]): readonly Line[] {
  const shown = changed
    .slice(0, SHOWN)
    .map(({ fingerprint, rule }) => line(`${what}: ${ruleOf(rule).name} \`${codeOf(fingerprint)}\``));
  return changed.length <= SHOWN ? shown : [...shown, line(`… and ${changed.length - SHOWN} more`)];
}
