/** A test that may be skipped on CI, and why. */
export interface AllowedSkip {
  readonly file: string;
  /** Full name: groups and test, joined by " > ". */
  readonly test: string;
  readonly reason: string;
}

/** Empty is best. An entry is for a test that needs something a CI machine does not have, such as a data file. */
export const allowedSkips: readonly AllowedSkip[] = [];
