/** A session without a process: a fleet as records in memory, and a terminal that answers from a list. */
import { type Clock, type Env, systemClock } from "@jeju-oracle/kit";
import type { SimulatedClock } from "@jeju-oracle/kit/testing";
import { fleetOffice } from "../../../../plugins/leader-lock/src/fleet-office.ts";
import {
  type RecordedFleet,
  TIMING,
} from "../../../../plugins/leader-lock/test/intents/support/fleet-records.ts";
import type { CommandInput } from "../../../src/command-line/command.ts";
import { parseWords } from "../../../src/command-line/parse.ts";
import type { Terminal } from "../../../src/command-line/terminal.ts";
import { COMMANDS } from "../../../src/commands/catalogue.ts";
import type { FleetSession } from "../../../src/commands/support/session.ts";

export class FakeTerminal implements Terminal {
  interactive = true;
  colours = false;
  columns = 100;
  readonly questions: string[] = [];
  readonly notes: string[] = [];
  readonly statuses: string[] = [];
  readonly #answers: readonly (string | undefined)[];

  /** @param answers in the order of the questions; after the last there is none. */
  constructor(...answers: readonly (string | undefined)[]) {
    this.#answers = answers;
  }

  async out(): Promise<void> {}

  async note(line: string): Promise<void> {
    this.notes.push(line);
  }

  status(text: string): void {
    this.statuses.push(text);
  }

  async ask(question: string): Promise<string | undefined> {
    this.questions.push(question);
    return this.#answers[this.questions.length - 1];
  }
}

export interface FakeSessionOptions {
  readonly terminal?: Terminal;
  readonly clock?: Clock;
  readonly env?: Env;
  readonly interrupted?: AbortSignal;
  readonly timing?: Partial<typeof TIMING>;
}

export function sessionOn(fleet: RecordedFleet, options: FakeSessionOptions = {}): FleetSession {
  const clock = options.clock ?? systemClock;
  return {
    office: fleetOffice({ ...fleet.access(), clock }, { ...TIMING, ...options.timing }),
    clock,
    env: { USER: "ana", ...options.env },
    terminal: options.terminal ?? new FakeTerminal("yes"),
    interrupted: options.interrupted ?? new AbortController().signal,
  };
}

const STEP_MS = 100;

/** Lets time pass in small steps, with room for the work that each sets off. */
export async function pass(clock: SimulatedClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(Math.min(STEP_MS, ms - passed));
  }
  await new Promise((resolve) => setImmediate(resolve));
}

/** What the command line makes of these words. */
export function inputOf(name: string, ...words: readonly string[]): CommandInput {
  const command = COMMANDS[name];
  if (command === undefined) throw new Error(`no command ${name}`);
  const parsed = parseWords(name, command, words);
  if (parsed.kind !== "run") throw new Error("these words ask for help");
  return parsed.input;
}
