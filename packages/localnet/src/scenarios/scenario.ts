/** What all scenarios share: how they are called, how they stop, and the hands with which they move the market. */
import type { Localnet } from "../localnet.ts";
import { ChainlinkPublisher } from "./chainlink-publisher.ts";
import { SeededRandom } from "./random.ts";
import { Timeline } from "./timeline.ts";

export interface ScenarioOptions {
  /** Ends the scenario: it stops waiting at once and starts no further transaction. */
  readonly signal?: AbortSignal;
  /** Told what has just happened, one line each. */
  readonly onProgress?: (text: string) => void;
  /** Same seed, same market. Default: the localnet's. */
  readonly seed?: number;
}

/** What a scenario plays on. */
export interface Stage {
  readonly net: Localnet;
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly publisher: ChainlinkPublisher;
  readonly signal: AbortSignal;
  tell(text: string): void;
}

/**
 * Runs `play` on a stage. An abort is a normal end.
 * @throws whatever `play` throws otherwise, for example ChainPausedError when Base is stopped.
 */
export async function perform(
  net: Localnet,
  options: ScenarioOptions,
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  const signal = options.signal ?? new AbortController().signal;
  if (signal.aborted) return;
  const stage: Stage = {
    net,
    signal,
    timeline: new Timeline(net, signal),
    random: new SeededRandom(options.seed ?? net.settings.seed),
    publisher: await ChainlinkPublisher.resume(net),
    tell: (text) => options.onProgress?.(text),
  };
  try {
    await play(stage);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A price as people read it: dollars from 8 decimals. */
export function dollars(price8: bigint): string {
  const cents = (price8 + 500_000n) / 1_000_000n;
  return `$${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`;
}

/** elizaOS per ETH from 18 decimals, whole tokens. */
export function tokens(elizaPerEth18: bigint): string {
  return `${elizaPerEth18 / 10n ** 18n} elizaOS per ETH`;
}
