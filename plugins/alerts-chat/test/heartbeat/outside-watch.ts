/** An outside dead-man's switch, and a clock on which a test sees what is waited for. */
import { SimulatedClock } from "@jeju-oracle/kit/testing";

const KEY = "the-key-of-the-check-0123456789";

export class OutsideWatch implements AsyncDisposable {
  readonly key = KEY;
  /** Answers with this; undefined: never. */
  status: number | undefined = 200;
  count = 0;
  readonly #server: Bun.Server<undefined>;
  readonly #arrivals: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor() {
    this.#server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: (request) => {
        if (request.method !== "GET" || new URL(request.url).pathname !== `/ping/${KEY}`)
          return new Response("there is no such check", { status: 404 });
        this.count += 1;
        for (const arrival of this.#arrivals) if (this.count >= arrival.count) arrival.resolve();
        return this.status === undefined
          ? new Promise<never>(() => undefined)
          : new Response("OK", {
              status: this.status,
              headers: this.status === 302 ? { location: "/somewhere" } : {},
            });
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/ping/${KEY}`;
  }

  /** Resolves when `count` requests have come since the start. */
  arrived(count: number): Promise<void> {
    if (this.count >= count) return Promise.resolve();
    return new Promise((resolve) => this.#arrivals.push({ count, resolve }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

export class WatchedClock extends SimulatedClock {
  readonly #waiting = new Map<symbol, number>();
  #wake: () => void = () => undefined;

  override setTimer(delayMs: number, callback: () => void): () => void {
    const id = Symbol("timer");
    this.#waiting.set(id, delayMs);
    this.#wake();
    const cancel = super.setTimer(delayMs, () => {
      this.#waiting.delete(id);
      callback();
    });
    return () => {
      this.#waiting.delete(id);
      cancel();
    };
  }

  /** Lets a wait of that length pass, once somebody has begun it. */
  async pass(delayMs: number): Promise<void> {
    await this.begun(delayMs);
    await this.advance(delayMs);
  }

  /** Resolves when somebody waits for that long, however long real requests take until then. */
  async begun(delayMs: number): Promise<void> {
    while (![...this.#waiting.values()].includes(delayMs)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
