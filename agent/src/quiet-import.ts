/** Imports of elizaOS: it reads LOG_LEVEL once, at import, and prints to the console until its log is redirected to ours. */

/** Runs `importAll` with elizaOS's own log switched off. */
export async function withQuietElizaImport<T>(importAll: () => Promise<T>): Promise<T> {
  const before = process.env.LOG_LEVEL;
  process.env.LOG_LEVEL = "fatal";
  try {
    return await importAll();
  } finally {
    if (before === undefined) delete process.env.LOG_LEVEL;
    else process.env.LOG_LEVEL = before;
  }
}
