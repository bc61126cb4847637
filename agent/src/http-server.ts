/**
 * The agent's HTTP server. Up before anything else, so that a supervisor and a dashboard can tell "starting" from
 * "down". Serves a table of pages; which pages there are is not its business.
 */
import { type AgentContext, ConfigError, describeError, scrubSecrets, withDeadline } from "@jeju-oracle/kit";
import type { HttpAddress } from "./agent-config.ts";
import { type HttpPage, type HttpReply, type HttpRequest, jsonReply } from "./http-reply.ts";

/** A page that has not answered by then never will; scrapers give up at 10 s. */
const PAGE_DEADLINE_MS = 5_000;
/** Bodies are alert webhooks and the like: small. */
const MAX_BODY_BYTES = 256 * 1024;
const IDLE_TIMEOUT_S = 10;
const MAX_PATH_SHOWN = 200;

export interface HttpServer {
  readonly port: number;
  readonly host: string;
  /** Adds pages; a page with the path and method of an earlier one replaces it. */
  mount(pages: readonly HttpPage[]): void;
  /** Closes the port and every connection. */
  stop(): Promise<void>;
}

type Context = Pick<AgentContext, "clock" | "logger">;

/**
 * Opens the port.
 * @throws {ConfigError} when the address cannot be used, naming the variable to change.
 */
export function startHttpServer(address: HttpAddress, context: Context): HttpServer {
  const pages = new Map<string, Map<string, HttpPage>>();
  const server = listen(address, (request) => answer(request, pages, context));
  return {
    port: server.port ?? address.port,
    host: address.host,
    mount(added) {
      for (const page of added) {
        const methods = pages.get(page.path) ?? new Map<string, HttpPage>();
        methods.set(page.method, page);
        pages.set(page.path, methods);
      }
    },
    stop: () => server.stop(true),
  };
}

function listen({ port, host }: HttpAddress, fetch: (request: Request) => Promise<Response>) {
  try {
    return Bun.serve({
      port,
      hostname: host,
      // Bun shares a port between servers unless told not to: two agents would answer in turns.
      reusePort: false,
      idleTimeout: IDLE_TIMEOUT_S,
      maxRequestBodySize: MAX_BODY_BYTES,
      development: false,
      fetch,
    });
  } catch (error) {
    throw new ConfigError([addressProblem({ port, host }, error)]);
  }
}

function addressProblem({ port, host }: HttpAddress, error: unknown) {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === "EADDRINUSE") {
    return {
      variable: "HEALTH_CHECK_PORT",
      problem: `port ${port} is in use by another process; choose another or stop that process`,
      example: "3000",
    };
  }
  if (code === "EACCES") {
    return {
      variable: "HEALTH_CHECK_PORT",
      problem: `port ${port} may not be opened by this user; choose one above 1023`,
      example: "3000",
    };
  }
  return {
    variable: "HEALTH_CHECK_HOST",
    problem: `${host} port ${port} cannot be opened: ${describeError(error)}`,
    example: "0.0.0.0",
  };
}

async function answer(
  request: Request,
  pages: ReadonlyMap<string, ReadonlyMap<string, HttpPage>>,
  { clock, logger }: Context,
): Promise<Response> {
  const url = new URL(request.url);
  const methods = pages.get(url.pathname);
  if (methods === undefined) return toResponse(notFound(url.pathname, [...pages.keys()]));
  const page = methods.get(request.method === "HEAD" ? "GET" : request.method);
  if (page === undefined) return toResponse(methodNotAllowed([...methods.keys()]));
  try {
    return toResponse(
      await withDeadline(clock, `page ${page.path}`, PAGE_DEADLINE_MS, async () => {
        const parsed = await readRequest(request, url);
        return parsed === undefined
          ? jsonReply(400, { error: "the body is not JSON" })
          : page.handler(parsed);
      }),
    );
  } catch (error) {
    logger.error("A page failed", { path: page.path, method: page.method, error: describeError(error) });
    return toResponse(jsonReply(500, { error: "the page failed; the agent's log says why" }));
  }
}

/** @returns undefined when there is a body that is not JSON. */
async function readRequest(request: Request, url: URL): Promise<HttpRequest | undefined> {
  const base = { method: request.method, url, headers: Object.fromEntries(request.headers) };
  const text = request.method === "GET" || request.method === "HEAD" ? "" : await request.text();
  if (text === "") return { ...base, body: undefined };
  try {
    return { ...base, body: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function notFound(path: string, known: readonly string[]): HttpReply {
  return jsonReply(404, { error: `there is no ${path.slice(0, MAX_PATH_SHOWN)}`, paths: known.toSorted() });
}

function methodNotAllowed(methods: readonly string[]): HttpReply {
  const allow = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
  const reply = jsonReply(405, { error: `use ${allow}` });
  return { ...reply, headers: { ...reply.headers, allow } };
}

/** The last place where a secret could leave by a page. */
function toResponse({ status, headers, body }: HttpReply): Response {
  return new Response(scrubSecrets(body), { status, headers: { "cache-control": "no-store", ...headers } });
}
