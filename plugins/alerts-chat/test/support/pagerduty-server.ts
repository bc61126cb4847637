/** PagerDuty's Events API v2, for tests: https://developer.pagerduty.com/docs/send-alert-event. Any client of it can use this one. */

export interface Incident {
  readonly dedupKey: string;
  status: "triggered" | "acknowledged" | "resolved";
  readonly payload: Readonly<Record<string, unknown>>;
  /** How many events were about it. */
  events: number;
}

export type PagerDutyFault =
  | { readonly kind: "status"; readonly status: number; readonly retryAfterS?: number }
  | { readonly kind: "hang" }
  | { readonly kind: "redirect" };

export const ROUTING_KEY = "0123456789abcdef0123456789ABCDEF";
const SEVERITIES: readonly unknown[] = ["critical", "error", "warning", "info"];
const MAX_EVENT_BYTES = 512_000;

export class PagerDutyServer {
  /** Every event that was accepted. */
  readonly events: Readonly<Record<string, unknown>>[] = [];
  readonly incidents = new Map<string, Incident>();
  requests = 0;
  /** Requests that followed a redirect, with the key in them. */
  redirected = 0;
  #fault: { readonly fault: PagerDutyFault; left: number } | undefined;
  readonly #server: Bun.Server<undefined>;

  private constructor() {
    this.#server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: (request) => this.#respond(request),
    });
  }

  static start(): PagerDutyServer {
    return new PagerDutyServer();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/v2/enqueue`;
  }

  fail(fault: PagerDutyFault, times = 1): void {
    this.#fault = { fault, left: times };
  }

  async close(): Promise<void> {
    await this.#server.stop(true);
  }

  async #respond(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === "/elsewhere") {
      this.redirected++;
      return new Response(null, { status: 202 });
    }
    if (request.method !== "POST" || new URL(request.url).pathname !== "/v2/enqueue")
      return new Response("not found", { status: 404 });
    this.requests++;
    const text = await request.text();
    const fault = this.#next();
    if (fault?.kind === "hang") {
      if (!request.signal.aborted)
        await new Promise((resolve) => request.signal.addEventListener("abort", resolve, { once: true }));
      return new Response(null, { status: 499 });
    }
    if (fault?.kind === "redirect") return Response.redirect(new URL("/elsewhere", request.url).href, 307);
    if (fault?.kind === "status")
      return new Response("no event for now", {
        status: fault.status,
        headers: fault.retryAfterS === undefined ? {} : { "retry-after": String(fault.retryAfterS) },
      });
    return this.#enqueue(text);
  }

  #next(): PagerDutyFault | undefined {
    if (this.#fault === undefined || this.#fault.left <= 0) return undefined;
    this.#fault.left--;
    return this.#fault.fault;
  }

  #enqueue(text: string): Response {
    const event: Record<string, unknown> = JSON.parse(text);
    const errors = errorsOf(event, text);
    if (errors.length > 0)
      return Response.json(
        { status: "invalid event", message: "Event object is invalid", errors },
        { status: 400 },
      );
    this.events.push(event);
    const dedupKey = String(event.dedup_key ?? `made-up-${this.events.length}`);
    this.#apply(dedupKey, event);
    return Response.json(
      { status: "success", message: "Event processed", dedup_key: dedupKey },
      { status: 202 },
    );
  }

  #apply(dedupKey: string, event: Readonly<Record<string, unknown>>): void {
    const known = this.incidents.get(dedupKey);
    const open = known?.status === "resolved" ? undefined : known;
    if (open !== undefined) open.events++;
    if (event.event_action === "trigger") {
      if (open !== undefined) return;
      const payload = event.payload as Incident["payload"];
      this.incidents.set(dedupKey, { dedupKey, status: "triggered", payload, events: 1 });
    } else if (open !== undefined)
      open.status = event.event_action === "resolve" ? "resolved" : "acknowledged";
  }
}

function errorsOf(event: Readonly<Record<string, unknown>>, text: string): readonly string[] {
  const { routing_key: key, event_action: action, dedup_key: dedupKey, payload } = event;
  const errors: string[] = [];
  if (Buffer.byteLength(text) > MAX_EVENT_BYTES) errors.push("Event is larger than 512 KB");
  if (key !== ROUTING_KEY) errors.push(`'routing_key' is invalid: ${String(key)}`);
  if (action !== "trigger" && action !== "acknowledge" && action !== "resolve")
    errors.push("'event_action' is invalid");
  if (dedupKey !== undefined && (typeof dedupKey !== "string" || dedupKey.length > 255))
    errors.push("'dedup_key' is longer than 255 characters");
  if (action !== "trigger") {
    if (dedupKey === undefined) errors.push("'dedup_key' is missing");
    return errors;
  }
  const { summary, source, severity, custom_details: details } = (payload ?? {}) as Record<string, unknown>;
  if (typeof summary !== "string" || summary === "" || summary.length > 1_024)
    errors.push("'payload.summary' is missing or longer than 1024 characters");
  if (typeof source !== "string" || source === "") errors.push("'payload.source' is missing or blank");
  if (!SEVERITIES.includes(severity)) errors.push("'payload.severity' is invalid");
  if (details !== undefined && (typeof details !== "object" || details === null))
    errors.push("'payload.custom_details' is invalid");
  return errors;
}
