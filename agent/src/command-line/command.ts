/** What a command of `oracle-agent` is: its words for people, and what runs. */

export interface OptionSpec {
  readonly about: string;
  /** Name of its value in the help; an option without one is a switch. */
  readonly value?: string;
  readonly required?: boolean;
}

export interface ArgumentSpec {
  /** In capitals, as the help shows it. */
  readonly name: string;
  readonly about: string;
  readonly required: boolean;
}

export interface Command {
  readonly about: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** What else a person should know, one paragraph each. */
  readonly notes?: readonly string[];
  /** What follows `oracle-agent`. */
  readonly example?: string;
  /** @returns the exit code. */
  readonly run: (input: CommandInput) => Promise<number>;
}

/** A command line that fits its command. */
export interface CommandInput {
  readonly arguments: readonly string[];
  /** Whether a switch is given. */
  has(option: string): boolean;
  /** The value of an option; undefined when it is not given. */
  value(option: string): string | undefined;
}
