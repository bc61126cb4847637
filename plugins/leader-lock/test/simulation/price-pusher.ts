/**
 * The price loop of a simulated agent, as far as leadership and the fence on chain concern it: asks for leave, reads nonce and
 * then prices, decides, waits, asks for leave again right before sending, and sends with the nonce that it read.
 */
import type { SimulatedAgent } from "./simulated-agent.ts";
import type { ChainView, Leave, SimulatedChain } from "./simulated-chain.ts";
import type { World } from "./world.ts";

export interface PusherSetup {
  /** Election is off, or another store says that it leads: always has leave. */
  readonly believesToLead: boolean;
  /** Position among those that push while nobody can lead. */
  readonly rank: number;
  /** Reads prices first and the nonce after: wrong, to see that G2 is judged. */
  readonly readsPricesFirst?: boolean;
}

const CYCLE_MS = 4_000;
const HEARTBEAT_MS = 15_000;
const FALLBACK_AFTER_MS = 30_000;
const RANK_OFFSET_MS = 5_000;
const DEVIATION = 0.01;
const GIVEN_UP_AFTER_MS = 8_000;

export class PricePusher {
  readonly #world: World;
  readonly #chain: SimulatedChain;
  readonly #agent: SimulatedAgent;
  readonly #setup: PusherSetup;
  /** Its transaction that may still land. */
  #inFlight: { readonly nonce: number; readonly givenUpMs: number } | undefined;

  constructor(world: World, chain: SimulatedChain, agent: SimulatedAgent, setup: PusherSetup) {
    this.#world = world;
    this.#chain = chain;
    this.#agent = agent;
    this.#setup = setup;
  }

  /** Runs cycles for as long as the agent's present process lives. */
  start(): void {
    this.#inFlight = undefined;
    this.#next(this.#agent.generation, this.#world.random.between(0, CYCLE_MS));
  }

  #next(generation: number, delayMs: number): void {
    this.#world.after(delayMs, () => {
      if (this.#agent.generation !== generation) return;
      this.#next(generation, CYCLE_MS);
      if (this.#leave() !== undefined) this.#agent.deliver(generation, () => this.#read(generation));
    });
  }

  #leave(): Leave | undefined {
    const { believesToLead, rank } = this.#setup;
    if (this.#agent.leads()) return "leader";
    if (believesToLead) return "stray";
    const silentMs = this.#agent.nowMs() - this.#agent.answeredMs;
    if (silentMs < this.#agent.config.ttlMs) return undefined;
    const ageMs = this.#world.nowMs - this.#chain.latest.updatedMs;
    return ageMs > FALLBACK_AFTER_MS + rank * RANK_OFFSET_MS ? "fallback" : undefined;
  }

  /** Both from endpoints whose head lags; the second answer is never from an earlier block than the first. */
  #read(generation: number): void {
    const { random } = this.#world;
    const chain = this.#chain;
    const first = chain.stateAt(random.between(0, 3_000));
    const between = random.chance(0.3) ? random.spread(10, 3_000) : 0;
    this.#world.after(between, () => {
      const lagMs = random.chance(0.5) ? 0 : Math.min(between, random.between(0, 3_000));
      const second = between === 0 ? first : chain.stateAt(lagMs);
      const [nonceFrom, pricesFrom] = this.#setup.readsPricesFirst ? [second, first] : [first, second];
      const view = { ...pricesFrom, nonce: nonceFrom.nonce };
      this.#agent.deliver(generation, () => this.#decide(generation, view));
    });
  }

  #decide(generation: number, view: ChainView): void {
    const { nowMs, random } = this.#world;
    const flight = this.#inFlight;
    const isOpen = flight !== undefined && flight.nonce >= view.nonce;
    if (isOpen && nowMs < flight.givenUpMs) return;
    const price = this.#chain.market;
    const isDue =
      nowMs - view.updatedMs >= HEARTBEAT_MS || Math.abs(price - view.price) > view.price * DEVIATION;
    // What was given up may land yet: its nonce is used up by a fresh decision, or by nothing.
    if (!isDue && !isOpen) return;
    const thinksMs = random.chance(0.1) ? random.spread(500, 20_000) : random.between(10, 300);
    this.#world.after(thinksMs, () =>
      this.#agent.deliver(generation, () => this.#send(view, isDue ? price : undefined)),
    );
  }

  #send({ nonce, updates }: ChainView, price: number | undefined): void {
    const as = this.#leave();
    if (as === undefined) return;
    const givenUpMs = this.#world.nowMs + GIVEN_UP_AFTER_MS;
    this.#inFlight = { nonce, givenUpMs };
    const { name } = this.#agent;
    this.#chain.send({ from: name, as, nonce, price, sawUpdates: updates, givenUpMs });
  }
}
