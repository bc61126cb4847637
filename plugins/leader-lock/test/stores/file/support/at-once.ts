import { peek } from "bun";

/** The result of a call that does not wait, such as every call of the file store. @throws what the call threw. */
export function atOnce<T>(call: Promise<T>): T {
  const status = peek.status(call);
  if (status === "pending") throw new Error("the call waits");
  const result: unknown = peek(call);
  if (status === "rejected") {
    // Seen here; not unhandled.
    call.catch((error: unknown) => error);
    throw result;
  }
  return result as T;
}
