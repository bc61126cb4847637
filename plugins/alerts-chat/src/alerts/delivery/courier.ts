/**
 * Tells one outlet what the plan says, one message at a time, until there is nothing left; then waits. Nothing is taken off a queue:
 * what was told stands in the slots, and the plan is made anew from them, so a kill, an outage or a takeover only repeats a question.
 */
import {
  type Clock,
  describeError,
  type Logger,
  type Supervised,
  sleep,
  supervise,
  withDeadline,
} from "@jeju-oracle/kit";
import { ChannelError } from "../../conversation/channel-error.ts";
import type { SentReference } from "../../conversation/outbound.ts";
import type { Slot } from "../alert.ts";
import type { Notice, NoticeEntry } from "../pipeline/notice.ts";
import { plan } from "../pipeline/pipeline.ts";
import { Wake } from "../wake.ts";
import { channelPauseMs } from "./channel-pause.ts";
import type { OutletPort } from "./outlet-port.ts";
import type { SlotKeeper, Standing } from "./slot-keeper.ts";

export interface CourierOptions {
  readonly outlet: OutletPort;
  readonly slots: SlotKeeper;
  readonly oncall: () => readonly string[];
  readonly botId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  readonly heard: (event: CourierEvent) => void;
}

export type CourierEvent =
  | { readonly kind: "told" }
  /** It did not arrive and is tried again. `forMs`: for how long nothing has arrived, and will not as the outlet asks. */
  | { readonly kind: "failing"; readonly forMs: number; readonly problem: string; readonly nextStep: string }
  /** The outlet will never take this message. */
  | { readonly kind: "refused"; readonly problem: string; readonly nextStep: string; readonly notice: Notice }
  /** Somebody else tells now. */
  | { readonly kind: "resting" };

const SEND_DEADLINE_MS = 15_000;
/** Calls become due, silences end and leases move without anybody ringing. */
const LOOK_EVERY_MS = 2_000;
const SHORTEST_LOOK_MS = 50;

export class Courier {
  readonly #options: CourierOptions;
  readonly #wake = new Wake();
  #running: Supervised | undefined;
  #failures = 0;
  #failingSinceMs: number | undefined;
  /** Wall time. */
  readonly #startedAtMs: number;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.wallMs();
  }

  get outletId(): string {
    return this.#options.outlet.id;
  }

  start(): void {
    const { clock, logger, outlet } = this.#options;
    this.#running ??= supervise(clock, logger, `Alerts to ${outlet.id}`, (signal) => this.#run(signal));
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
  }

  ring(): void {
    this.#wake.ring();
  }

  /** What is not told yet. */
  backlog(): number {
    const standing = this.#options.slots.standing();
    return standing.may ? this.#plan(standing).length : 0;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, slots } = this.#options;
    while (!signal.aborted) {
      const standing = slots.standing();
      const [notice] = standing.may ? this.#plan(standing) : [];
      if (!standing.may) this.#rest();
      if (!standing.may || notice === undefined) {
        await this.#wake.wait(clock, LOOK_EVERY_MS, signal);
        // What rings a hundred times in a moment is looked at once.
        await sleep(clock, SHORTEST_LOOK_MS, signal);
        continue;
      }
      const pauseMs = await this.#deliver(notice, signal);
      if (pauseMs > 0) await sleep(clock, pauseMs, signal);
    }
  }

  #plan(standing: Standing & { readonly may: true }): readonly Notice[] {
    const { outlet, slots, clock, oncall } = this.#options;
    return plan({
      outlet,
      alerts: slots.alerts(),
      silences: slots.silences(),
      nowMs: clock.wallMs(),
      startedAtMs: this.#startedAtMs,
      aloneAs: standing.aloneAs,
      oncall: oncall(),
    });
  }

  /** @returns how long to leave the outlet alone, ms. */
  async #deliver(notice: Notice, signal: AbortSignal): Promise<number> {
    const { slots, logger } = this.#options;
    try {
      if (
        this.#mustBegin(notice) &&
        !(await slots.begin(notice.entries, this.#slot("sending", "", undefined)))
      )
        return 0;
    } catch (error) {
      logger.debug("An alert waits for the store", { error: describeError(error) });
      return channelPauseMs(0, undefined, this.#options.random());
    }
    if (signal.aborted || !slots.standing().may) return 0;
    try {
      const message = await this.#tell(notice, signal);
      this.#failures = 0;
      this.#failingSinceMs = undefined;
      await slots.done(notice.entries, (entry) => this.#slot("sent", entry.shows, message));
      this.#options.heard({ kind: "told" });
      return 0;
    } catch (error) {
      if (signal.aborted) return 0;
      return await this.#failed(notice, error);
    }
  }

  /** What is told twice is seen twice in a chat. An edit is the same twice, and so is an incident with its key. */
  #mustBegin({ kind }: Notice): boolean {
    return kind === "send" && this.#options.outlet.takes === "messages";
  }

  #tell(notice: Notice, parent: AbortSignal): Promise<SentReference> {
    const { outlet, clock } = this.#options;
    return withDeadline(
      clock,
      `alert to ${outlet.id}`,
      SEND_DEADLINE_MS,
      (signal) =>
        notice.message === undefined
          ? outlet.send(notice, signal)
          : outlet.edit(notice, notice.message, signal),
      parent,
    );
  }

  async #failed(notice: Notice, error: unknown): Promise<number> {
    const { clock, heard, logger, outlet, random, slots } = this.#options;
    const problem = describeError(error);
    const isRefused = error instanceof ChannelError && !error.retryable;
    const nextStep = error instanceof ChannelError ? error.nextStep : "None: it is tried again by itself.";
    if (isRefused) {
      logger.error("A channel refuses an alert for good", { channel: outlet.id, problem, nextStep });
      await slots.done(notice.entries, (entry) => this.#refusedSlot(notice, entry, problem));
      heard({ kind: "refused", problem, nextStep, notice });
      return channelPauseMs(0, undefined, random());
    }
    this.#failures += 1;
    const nowMs = clock.monotonicMs();
    this.#failingSinceMs ??= nowMs;
    if (this.#failures === 1)
      logger.warn("A channel does not take alerts; they wait", { channel: outlet.id, problem });
    const askedMs = error instanceof ChannelError ? error.retryAfterMs : undefined;
    const pauseMs = channelPauseMs(this.#failures, askedMs, random());
    // Who asks to be left alone will not have taken anything by then.
    const silentMs = askedMs === undefined ? 0 : pauseMs;
    heard({ kind: "failing", forMs: nowMs - this.#failingSinceMs + silentMs, problem, nextStep });
    return pauseMs;
  }

  #rest(): void {
    if (this.#failingSinceMs !== undefined) this.#options.heard({ kind: "resting" });
    this.#failures = 0;
    this.#failingSinceMs = undefined;
  }

  #slot(state: Slot["state"], shown: string, message: SentReference | undefined): Slot {
    const { botId, clock } = this.#options;
    const common = { state, shown, by: botId, atMs: clock.wallMs() };
    return message === undefined ? common : { ...common, message };
  }

  /** A message that cannot be edited stays as it is; it counts as shown, or it would be tried for ever. */
  #refusedSlot({ kind, message }: Notice, { shows }: NoticeEntry, problem: string): Slot {
    return {
      ...this.#slot(kind === "edit" ? "sent" : "dead", shows, message),
      problem: problem.slice(0, 300),
    };
  }
}
