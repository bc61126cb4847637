/** Does what a typed line means, at one agent's console. */
import type { ConsoleConnection, RequestEnd, Typed } from "@jeju-oracle/kit/console";

/** @returns undefined when nothing was sent. */
export function act(connection: ConsoleConnection, typed: Typed): Promise<RequestEnd> | undefined {
  switch (typed.kind) {
    case "say":
      return connection.say(typed.text);
    case "press":
      return connection.press(typed.press);
    case "nothing":
    case "refused":
      return undefined;
    default:
      return typed satisfies never;
  }
}
