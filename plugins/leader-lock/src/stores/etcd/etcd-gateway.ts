/**
 * Requests to etcd's HTTP gateway. The members of the cluster are asked in turn until one answers, and the one that did is
 * asked first the next time. A request may so reach the cluster twice: that is safe, because every write compares first
 * and is repeated byte for byte.
 *
 * Each request has a connection of its own. A kept one that died without notice would cost a whole deadline each.
 */
import {
  type Clock,
  describeError,
  StoreUnavailableError,
  StoreUnusableError,
  withDeadline,
} from "@jeju-oracle/kit";
import { z } from "zod";
import { isCertificateTrouble } from "../certificate-trouble.ts";
import { asksForLogin, authIsOff, type EtcdRefusal, refusalError } from "./etcd-errors.ts";
import type { EtcdTarget } from "./etcd-url.ts";

/** PEM texts. */
export interface EtcdTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface GatewayOptions {
  readonly clock: Clock;
  /** Deadline in ms of one call. A member that does not answer in its part of it is given up for another. */
  readonly opTimeoutMs: number;
  readonly tls: EtcdTls;
}

/** Members that can be asked in one call, even when each of them lets us wait. */
const MEMBERS_PER_CALL = 3;
const MESSAGE_MAX_CHARACTERS = 300;

const loginAnswer = z.object({ token: z.string() });
const refusalAnswer = z.object({ message: z.string(), code: z.number() });

type Answer = { readonly response: Response } | { readonly refusal: EtcdRefusal };

export class EtcdGateway {
  readonly #target: EtcdTarget;
  readonly #options: GatewayOptions;
  /** Index of the member that is asked first. */
  #preferred = 0;
  /** Undefined when a login is due, null where none is needed. */
  #token: string | null | undefined;

  constructor(target: EtcdTarget, options: GatewayOptions) {
    this.#target = target;
    this.#options = options;
    this.#token = target.login === undefined ? null : undefined;
  }

  /**
   * Posts to `/v3<path>`.
   * @returns the answer's JSON, when it has the shape of `schema`
   * @throws {StoreUnavailableError} when no member answers. {StoreUnusableError} when one refuses.
   */
  async call<T>(path: string, body: unknown, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const members = this.#target.endpoints.length;
    const attemptMs = this.#options.opTimeoutMs / Math.min(members, MEMBERS_PER_CALL);
    for (let attempt = 1; ; attempt++) {
      const member = this.#preferred;
      try {
        return await withDeadline(
          this.#options.clock,
          "a request to etcd",
          attemptMs,
          async (ended) => schema.parse(await (await this.#ask(member, path, body, ended)).json()),
          signal,
        );
      } catch (error) {
        if (error instanceof StoreUnusableError) throw error;
        this.#avoid(member);
        if (attempt >= members || signal.aborted) throw this.#portError(error);
      }
    }
  }

  /**
   * Posts to `/v3<path>` of one member. What it answers comes in until the signal aborts.
   * @throws {StoreUnavailableError} {StoreUnusableError}
   */
  async stream(path: string, body: unknown, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const member = this.#preferred;
    try {
      const { body: stream } = await this.#ask(member, path, body, signal);
      if (stream === null) throw new StoreUnavailableError(`${this.#target.label} answers without a stream`);
      return stream;
    } catch (error) {
      if (error instanceof StoreUnusableError) throw error;
      this.#avoid(member);
      throw this.#portError(error);
    }
  }

  /** The next call asks another member first, unless somebody has decided so already. */
  #avoid(member: number): void {
    if (this.#preferred === member) this.#preferred = (member + 1) % this.#target.endpoints.length;
  }

  #portError(error: unknown): StoreUnavailableError | StoreUnusableError {
    if (error instanceof StoreUnavailableError) return error;
    const message = `${this.#target.label} does not answer as expected: ${describeError(error)}`;
    if (!isCertificateTrouble(error)) return new StoreUnavailableError(message, { cause: error });
    const nextStep =
      "Name the authority that signed the servers' certificates as ca in LEADER_LOCK_URL, and the servers as the certificates do.";
    return new StoreUnusableError(message, { nextStep, cause: error });
  }

  /** With a token where one is needed; one that is refused is replaced once. */
  async #ask(member: number, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    const token = await this.#validToken(member, signal);
    const answer = await this.#post(member, path, body, token, signal);
    const loginIsDue =
      "refusal" in answer && asksForLogin(answer.refusal) && this.#target.login !== undefined;
    if (!loginIsDue) return this.#accepted(answer);
    // Unless another call has logged in meanwhile.
    if (this.#token === token) this.#token = undefined;
    const fresh = await this.#validToken(member, signal);
    return this.#accepted(await this.#post(member, path, body, fresh, signal));
  }

  async #validToken(member: number, signal: AbortSignal): Promise<string | null> {
    if (this.#token !== undefined) return this.#token;
    const answer = await this.#post(member, "/auth/authenticate", this.#target.login, null, signal);
    const token =
      "refusal" in answer && authIsOff(answer.refusal)
        ? null
        : loginAnswer.parse(await this.#accepted(answer).json()).token;
    this.#token = token;
    return token;
  }

  #accepted(answer: Answer): Response {
    if ("response" in answer) return answer.response;
    throw refusalError(this.#target.label, this.#target.keyPrefix, answer.refusal);
  }

  async #post(
    member: number,
    path: string,
    body: unknown,
    token: string | null,
    signal: AbortSignal,
  ): Promise<Answer> {
    const response = await fetch(`${this.#target.endpoints[member]}/v3${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(token === null ? {} : { Authorization: token }) },
      body: JSON.stringify(body),
      tls: this.#options.tls,
      keepalive: false,
      redirect: "error",
      signal,
    });
    return response.ok ? { response } : { refusal: await refusalOf(response) };
  }
}

async function refusalOf(response: Response): Promise<EtcdRefusal> {
  const text = await response.text();
  const httpStatus = response.status;
  try {
    return { httpStatus, ...refusalAnswer.parse(JSON.parse(text)) };
  } catch {
    // A proxy or something else that is not etcd.
    const message = `HTTP ${httpStatus} ${text.slice(0, MESSAGE_MAX_CHARACTERS)}`;
    return { httpStatus, code: undefined, message };
  }
}
