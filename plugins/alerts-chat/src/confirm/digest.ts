/** What a confirmation is bound to: exactly this action with exactly these parameters. */
import { createHash } from "node:crypto";

/** sha256 over the action and its parameters in an order that does not depend on how they were written, hex. */
export function digestOf(action: string, params: unknown): string {
  return createHash("sha256")
    .update(canonical([action, params]))
    .digest("hex");
}

function canonical(value: unknown): string {
  if (typeof value === "bigint") return `"${value}n"`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`);
    return `{${fields.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
