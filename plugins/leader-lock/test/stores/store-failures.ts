/** Steps of tests about stores that refuse, and that end. */
import { expect } from "bun:test";
import { inspect } from "node:util";
import {
  type BaseError,
  type CoordinationStore,
  StoreUnavailableError,
  StoreUnusableError,
} from "@jeju-oracle/kit";
import { GENEROUS_MS, soon, uniqueValue } from "./store-steps.ts";

/** What a write fails with. @throws when it does not, or not with one of the port's errors */
export async function failureOf(
  store: CoordinationStore,
  name = "leader",
): Promise<StoreUnavailableError | StoreUnusableError> {
  const outcome = await store.cas(name, null, uniqueValue(), soon()).catch((error: unknown) => error);
  if (outcome instanceof StoreUnavailableError || outcome instanceof StoreUnusableError) return outcome;
  throw new Error(`expected a failure of the port, got ${inspect(outcome)}`);
}

/** Everything that somebody could print of an error, its causes included. */
export function everythingOf(error: BaseError): string {
  return [
    inspect(error, { depth: 10, showHidden: true }),
    JSON.stringify(error),
    error.stack,
    error.nextStep,
  ].join("\n");
}

/**
 * Opens a store in a process of its own, uses and watches it, closes it, and waits for that process to end by itself.
 * @throws when it does not
 */
export async function endsAfterClosing(module: string, open: string, url: string): Promise<void> {
  const script = `
    import { silentLogger, systemClock } from "@jeju-oracle/kit";
    import { ${open} } from ${JSON.stringify(module)};
    const options = { clock: systemClock, logger: silentLogger, opTimeoutMs: 3_000 };
    const store = ${open}(process.env.STORE_URL, options);
    const changed = Promise.withResolvers();
    store.watch("", () => changed.resolve());
    await store.list("", AbortSignal.timeout(${GENEROUS_MS}));
    await changed.promise;
    await store.close();
    console.log("closed");`;
  await using child = Bun.spawn([process.execPath, "-e", script], {
    cwd: import.meta.dir,
    env: { ...process.env, STORE_URL: url },
    stdout: "pipe",
    stderr: "pipe",
    timeout: GENEROUS_MS,
  });
  const [output, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect(errors).toBe("");
  expect(output).toBe("closed\n");
  expect(await child.exited).toBe(0);
}
