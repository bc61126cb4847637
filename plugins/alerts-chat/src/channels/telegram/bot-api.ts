/**
 * telegraf's client with a transport of our own: fetch, a deadline for every request, typed errors, no token in any of them. Under
 * Bun telegraf's own compresses requests, waits 500 s and fails with errors that its polling takes for fatal.
 */
import { type Clock, describeError, type Secret, withDeadline } from "@jeju-oracle/kit";
import { Telegram } from "telegraf";
import type { Telegram as ApiMethods, Opts } from "telegraf/types";
import { z } from "zod";
import { TelegramRequestError } from "./telegram-error.ts";

export type BotMethod = keyof ApiMethods;
export type BotResult<Method extends BotMethod> = ReturnType<ApiMethods[Method]>;

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Time in ms until the request counts as lost. */
  readonly deadlineMs?: number;
}

const REQUEST_DEADLINE_MS = 10_000;
const UPLOAD_DEADLINE_MS = 30_000;

const answerSchema = z.union([
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error_code: z.int(),
    description: z.string(),
    parameters: z
      .object({ retry_after: z.number().nonnegative(), migrate_to_chat_id: z.int() })
      .partial()
      .optional(),
  }),
]);

export interface BotApiOptions {
  readonly token: Secret;
  readonly apiRoot: string;
  readonly clock: Clock;
}

export class BotApi extends Telegram {
  readonly #clock: Clock;
  readonly #baseUrl: string;

  constructor({ token, apiRoot, clock }: BotApiOptions) {
    super(token.reveal(), { apiRoot, webhookReply: false });
    this.#clock = clock;
    this.#baseUrl = `${apiRoot.replace(/\/+$/, "")}/bot${token.reveal()}`;
  }

  /** What telegraf's own methods and contexts call. */
  override callApi<Method extends BotMethod>(
    method: Method,
    payload: Opts<Method>,
  ): Promise<BotResult<Method>> {
    return this.call(method, payload);
  }

  /** One request. @throws {TelegramRequestError} */
  async call<Method extends BotMethod>(
    method: Method,
    payload: Opts<Method>,
    options: CallOptions = {},
  ): Promise<BotResult<Method>> {
    const body = bodyOf(payload);
    const deadlineMs =
      options.deadlineMs ?? (body instanceof FormData ? UPLOAD_DEADLINE_MS : REQUEST_DEADLINE_MS);
    let reply: { readonly status: number; readonly text: string };
    try {
      reply = await withDeadline(
        this.#clock,
        method,
        deadlineMs,
        (signal) => this.#exchange(method, body, signal),
        options.signal,
      );
    } catch (error) {
      throw TelegramRequestError.unanswered(method, problemOf(error));
    }
    // The type of each result is telegraf's promise; polling looks at what it is given (updates.ts).
    return resultOf(method, reply) as BotResult<Method>;
  }

  async #exchange(method: string, body: string | FormData, signal: AbortSignal) {
    const response = await fetch(`${this.#baseUrl}/${method}`, {
      method: "POST",
      ...(typeof body === "string" ? { headers: { "content-type": "application/json" } } : {}),
      body,
      signal,
      redirect: "error",
    });
    return { status: response.status, text: await response.text() };
  }
}

function resultOf(method: string, reply: { readonly status: number; readonly text: string }): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(reply.text);
  } catch (error) {
    throw TelegramRequestError.unanswered(method, `status ${reply.status} without JSON`, error);
  }
  const answer = answerSchema.safeParse(parsed);
  if (!answer.success)
    throw TelegramRequestError.unanswered(method, `status ${reply.status} with JSON of another form`);
  if (answer.data.ok) return answer.data.result;
  const { error_code, description, parameters } = answer.data;
  throw TelegramRequestError.refused(method, {
    errorCode: error_code,
    description,
    ...(parameters?.retry_after === undefined ? {} : { retryAfterMs: parameters.retry_after * 1_000 }),
    ...(parameters?.migrate_to_chat_id === undefined
      ? {}
      : { migrateToChatId: String(parameters.migrate_to_chat_id) }),
  });
}

/** fetch's own errors carry the URL, so only their code or message goes on. */
function problemOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return describeError(error);
}

/** JSON, or a form when a file is sent (telegraf's `Input.fromBuffer`). */
function bodyOf(payload: object): string | FormData {
  const entries = Object.entries(payload).filter(([, value]) => value !== undefined && value !== null);
  if (!entries.some(([, value]) => isUpload(value))) return JSON.stringify(Object.fromEntries(entries));
  const form = new FormData();
  for (const [name, value] of entries) {
    if (isUpload(value)) form.append(name, new Blob([new Uint8Array(value.source)]), value.filename ?? name);
    else form.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return form;
}

function isUpload(value: unknown): value is { readonly source: Buffer; readonly filename?: string } {
  return typeof value === "object" && value !== null && "source" in value && Buffer.isBuffer(value.source);
}
