/** The set-up could not be finished. The message says what failed and what to do; no stack trace helps. */
export class SetupError extends Error {
  /** @override */
  name = "SetupError";
}
