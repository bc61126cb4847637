/** One request to the outside watch. Its address is a secret: no error names it. */
import {
  BaseError,
  type Clock,
  describeError,
  publicUrl,
  type Secret,
  scrubSecrets,
  withDeadline,
} from "@jeju-oracle/kit";

const PING_DEADLINE_MS = 10_000;

/** @returns undefined when it was heard, else in one line why not. Never rejects. */
export async function ping(url: Secret, clock: Clock, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await withDeadline(
      clock,
      "the request",
      PING_DEADLINE_MS,
      async (either) => {
        // A redirection may lead to a page that answers everybody with 200.
        const reply = await fetch(url.reveal(), { redirect: "manual", signal: either });
        await reply.body?.cancel();
        return reply.ok ? undefined : `it answers ${reply.status}`;
      },
      signal,
    );
  } catch (error) {
    return problemOf(error, url);
  }
}

function problemOf(error: unknown, url: Secret): string {
  if (error instanceof BaseError) return error.message;
  // What fetch throws may carry the address, so only its code goes on.
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return scrubSecrets(describeError(error).replaceAll(url.reveal(), publicUrl(url.reveal())));
}
