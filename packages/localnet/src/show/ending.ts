/** Whether it is over, and whether because something failed. */
export class Ending {
  readonly #controller = new AbortController();
  readonly #tell: (line: string) => void;
  #failed = false;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get failed(): boolean {
    return this.#failed;
  }

  end(): void {
    this.#controller.abort();
  }

  /** Ends with an exit code other than 0, and tells why. What fails while everything ends is no failure. */
  fail(why: string): void {
    if (this.signal.aborted) return;
    this.#failed = true;
    this.#tell(why);
    this.end();
  }
}
