/** What the market does while it is shown: a scenario, begun again when the chain did not answer it, and another one on demand. */
import { describeError } from "@jeju-oracle/kit";
import type { Localnet } from "../localnet.ts";
import { crash, randomWalk, runScenario, type ScenarioName } from "../scenarios/index.ts";
import { pause } from "./pause.ts";

/** After the Base chain did not answer. */
const RETRY_MS = 2_000;
/** A day of ordinary moves in minutes, so that deviations come before the heartbeat. */
const DEMONSTRATION_WALK = { stepS: 3, ethSpreadPpm: 1_500, elizaSpreadPpm: 1_500 } as const;
/** Somebody waits for it. */
const QUICK_CRASH = { durationS: 60, steps: 20 } as const;

interface Piece {
  readonly name: string;
  readonly play: (told: {
    readonly signal: AbortSignal;
    readonly onProgress: (text: string) => void;
  }) => Promise<void>;
}

export class MarketPlayer {
  /** Settles when `signal` has aborted and nothing is played any more. Never rejects. */
  readonly over: Promise<void>;
  readonly #net: Localnet;
  readonly #tell: (line: string) => void;
  readonly #signal: AbortSignal;
  #next: readonly Piece[];
  #turn = new AbortController();

  constructor(net: Localnet, scenario: ScenarioName, tell: (line: string) => void, signal: AbortSignal) {
    this.#net = net;
    this.#tell = tell;
    this.#signal = signal;
    this.#next = [this.#pieceOf(scenario)];
    this.over = this.#playAll();
  }

  /** Breaks off what is played: prices fall within a minute, and then wander on from there. */
  crash(): void {
    const falls: Piece = { name: "crash", play: (told) => crash(this.#net, { ...told, ...QUICK_CRASH }) };
    this.#next = [falls, this.#pieceOf("random-walk")];
    this.#turn.abort();
  }

  async #playAll(): Promise<void> {
    while (!this.#signal.aborted) {
      const [piece, ...rest] = this.#next;
      this.#next = rest;
      this.#turn = new AbortController();
      const signal = AbortSignal.any([this.#signal, this.#turn.signal]);
      if (piece !== undefined) await this.#playOne(piece, signal);
      else await untilAborted(signal);
    }
  }

  async #playOne({ name, play }: Piece, signal: AbortSignal): Promise<void> {
    this.#tell(`plays "${name}"`);
    while (!signal.aborted) {
      try {
        await play({ signal, onProgress: this.#tell });
        if (!signal.aborted && this.#next.length === 0)
          this.#tell(`"${name}" is over, prices stay as they are`);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#tell(`interrupted, starts again from the prices of now: ${describeError(error)}`);
        await pause(RETRY_MS, signal);
      }
    }
  }

  #pieceOf(name: ScenarioName): Piece {
    return {
      name,
      play: (told) =>
        name === "random-walk"
          ? randomWalk(this.#net, { ...told, ...DEMONSTRATION_WALK })
          : runScenario(this.#net, name, told),
    };
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
