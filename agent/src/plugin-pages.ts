/** Routes of elizaOS plugins as pages. elizaOS stores them under `/<plugin name>` and serves them nowhere. */
import type { IAgentRuntime, Route, RouteRequest, RouteResponse } from "@elizaos/core";
import type { HttpPage, HttpReply, HttpRequest } from "./http-reply.ts";

/** Short paths of the user's interface, and the plugin page behind each. */
const ALIASES: Readonly<Record<string, string>> = {
  "/health": "/oracle-updater/health",
  "/alertmanager": "/alerts-chat/alertmanager",
};

/** Every route of `runtime` that has a handler, and the short paths. */
export function pluginPages(runtime: IAgentRuntime): readonly HttpPage[] {
  const pages = runtime.routes.flatMap((route) => toPage(route, runtime));
  const aliases = Object.entries(ALIASES).flatMap(([path, target]) =>
    pages.filter((page) => page.path === target).map((page) => ({ ...page, path })),
  );
  return [...pages, ...aliases];
}

/** Static files are not served: an agent has none. */
function toPage({ type, path, handler }: Route, runtime: IAgentRuntime): HttpPage[] {
  if (handler === undefined || type === "STATIC") return [];
  return [
    {
      method: type,
      path,
      async handler(request) {
        const response = new CollectedResponse();
        await handler(toRouteRequest(request, path), response, runtime);
        return response.reply();
      },
    },
  ];
}

function toRouteRequest({ method, url, headers, body }: HttpRequest, path: string): RouteRequest {
  const query = Object.fromEntries(url.searchParams);
  return { method, path, url: url.pathname + url.search, query, headers: { ...headers }, params: {}, body };
}

/** Collects what a handler says in the manner of Express. */
class CollectedResponse implements RouteResponse {
  #status = 200;
  readonly #headers: Record<string, string> = {};
  #body = "";
  headersSent = false;

  status = (code: number): this => {
    this.#status = code;
    return this;
  };

  setHeader = (name: string, value: string | string[]): this => {
    this.#headers[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
    return this;
  };

  json = (data: unknown): this => {
    this.#headers["content-type"] ??= "application/json; charset=utf-8";
    return this.#send(`${JSON.stringify(data)}\n`);
  };

  send = (data: unknown): this => {
    if (typeof data !== "string") return this.json(data);
    this.#headers["content-type"] ??= "text/plain; charset=utf-8";
    return this.#send(data);
  };

  end = (): this => this.#send(this.#body);

  reply(): HttpReply {
    return { status: this.#status, headers: this.#headers, body: this.#body };
  }

  #send(body: string): this {
    this.#body = body;
    this.headersSent = true;
    return this;
  }
}
