/** Ports for servers that are stopped and started again at the same port. */

/**
 * Below those that kernels hand out for outgoing connections (from 32768 on Linux): while the server is down, no other
 * process is given its port, and no connection attempt can meet itself there.
 */
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;
const PICK_ATTEMPTS = 50;
const START_ATTEMPTS = 3;

/** A loopback port that nobody listens at. */
export function pickFreePort(): number {
  for (let attempt = 0; attempt < PICK_ATTEMPTS; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    try {
      Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => undefined } }).stop(true);
      return port;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    }
  }
  throw new Error("found no free port");
}

/** Runs `start`, again when it fails: a port that was free when it was picked can be taken when it is used. */
export async function startAtFreePort<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}
