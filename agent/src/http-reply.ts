/** What a page of this process answers with. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON of a request with a body; undefined otherwise. */
  readonly body: unknown;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type HttpHandler = (request: HttpRequest) => Promise<HttpReply>;

/** A page: handlers by method. GET also answers HEAD. */
export interface HttpPage {
  readonly path: string;
  readonly method: string;
  readonly handler: HttpHandler;
}

/** A JSON reply. */
export function jsonReply(status: number, body: unknown): HttpReply {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: `${JSON.stringify(body)}\n`,
  };
}
