/** The people in force: read at start, read again when the file changes. A file that cannot be used changes nothing. */
import { readFileSync, statSync } from "node:fs";
import { BaseError, type Clock, ConfigError, describeError, type Logger, sleep } from "@jeju-oracle/kit";
import type { Caller } from "../conversation/inbound.ts";
import { NOBODY, OperatorsFileError, parseOperators } from "./operators-file.ts";
import type { People, Principal } from "./people.ts";

const VARIABLE = "OPERATORS_FILE";
const EXAMPLE = "/etc/jeju-oracle/operators.yaml";
/** Often enough that a correction counts at once to whoever made it. */
const LOOK_EVERY_MS = 2_000;

export class PeopleKeeper implements People {
  readonly #path: string | undefined;
  readonly #logger: Logger;
  #people: People = NOBODY;
  #stamp = "";
  #failure: BaseError | undefined;

  /**
   * @param path undefined: there is no file, and nobody may change anything.
   * @throws {ConfigError} naming line and field when the file cannot be used at start.
   */
  constructor(path: string | undefined, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    if (path === undefined) return;
    try {
      this.#stamp = stampOf(path);
      this.#people = read(path);
    } catch (error) {
      throw new ConfigError(
        problemsOf(error).map((problem) => ({ variable: VARIABLE, problem, example: EXAMPLE })),
      );
    }
  }

  /** What is wrong with the file that is there now; undefined when it is the one in force. */
  get failure(): BaseError | undefined {
    return this.#failure;
  }

  get oncall(): readonly string[] {
    return this.#people.oncall;
  }

  get all(): readonly Principal[] {
    return this.#people.all;
  }

  principalOf(caller: Caller): Principal | undefined {
    return this.#people.principalOf(caller);
  }

  byId(id: string): Principal | undefined {
    return this.#people.byId(id);
  }

  /** Looks after the file until `signal` aborts. @param heard told after each look what is wrong with the file that is there. */
  async keep(
    clock: Clock,
    signal: AbortSignal,
    heard: (failure: BaseError | undefined) => void = () => undefined,
  ): Promise<void> {
    while (!signal.aborted) {
      await sleep(clock, LOOK_EVERY_MS, signal);
      if (signal.aborted) return;
      this.reload();
      heard(this.#failure);
    }
  }

  /** Reads the file again if it changed. Never throws: what is wrong is told in the log and in {@link failure}. */
  reload(): void {
    const path = this.#path;
    if (path === undefined) return;
    try {
      const stamp = stampOf(path);
      if (stamp === this.#stamp) return;
      this.#stamp = stamp;
      this.#people = read(path);
      this.#failure = undefined;
      this.#logger.info("The operators file was read again", { people: this.#people.all.length });
    } catch (error) {
      const failure = asFailure(path, error);
      if (failure.message === this.#failure?.message) return;
      this.#failure = failure;
      this.#logger.error("The operators file cannot be used; the people of before stay in force", {
        error: failure.message,
        nextStep: failure.nextStep,
      });
    }
  }
}

/** Who may change prices stands in it: nobody else may write it, and secrets of one-time passwords may not be read. */
function read(path: string): People {
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new OperatorsFileError(path, [
      { line: 1, field: "the file", problem: `others may read or write it: run chmod 600 ${path}` },
    ]);
  }
  return parseOperators(path, readFileSync(path, "utf8"));
}

function stampOf(path: string): string {
  const { mtimeMs, size, ino, mode } = statSync(path);
  return `${mtimeMs}:${size}:${ino}:${mode}`;
}

function problemsOf(error: unknown): readonly string[] {
  if (!(error instanceof OperatorsFileError)) return [`cannot be read: ${describeError(error)}`];
  return error.problems.map(({ line, field, problem }) => `line ${line}: ${field}: ${problem}`);
}

function asFailure(path: string, error: unknown): BaseError {
  if (error instanceof BaseError) return error;
  return new BaseError(`${path} cannot be read: ${describeError(error)}`, {
    code: "operators-file-unreadable",
    retryable: true,
    nextStep: "Put the file back; it is read again by itself.",
    cause: error,
  });
}
