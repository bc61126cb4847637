/** One JSON request to a service whose URL is a secret: a deadline, no redirects, and no URL in any error. */
import { type Clock, describeError, scrubSecrets, withDeadline } from "@jeju-oracle/kit";

export interface JsonRequest {
  readonly method: "POST" | "PATCH";
  readonly url: string;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

export interface JsonReply {
  readonly status: number;
  readonly headers: Headers;
  /** What the answer's JSON says; undefined when it is none. */
  readonly json: unknown;
}

export type Exchange = JsonReply | { readonly problem: string };

const REQUEST_DEADLINE_MS = 10_000;

/** @returns the reply, or in one line why there is none. Never rejects. */
export async function exchangeJson(clock: Clock, request: JsonRequest): Promise<Exchange> {
  const { method, url, body, signal } = request;
  try {
    return await withDeadline(
      clock,
      "the request",
      REQUEST_DEADLINE_MS,
      async (either) => {
        const reply = await fetch(url, {
          method,
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
          redirect: "error",
          signal: either,
        });
        return { status: reply.status, headers: reply.headers, json: jsonOf(await reply.text()) };
      },
      signal,
    );
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** Time in ms that a service asks for: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after, in seconds. */
export function retryAfterMsOf(headers: Headers): number | undefined {
  const header = headers.get("retry-after");
  const seconds = header === null ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch's own errors may carry the URL, so only their code goes on. */
function problemOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return scrubSecrets(describeError(error));
}
