/**
 * The audit's copy in the chats: what was confirmed and what came of it, told in the channels where its card does not stand, and
 * broken glass in every channel. The agent that wrote the entry tells it, so nothing is told twice. A channel that does not take it
 * loses it: the audit itself is on disk, and no action waits for this.
 */
import { type Clock, type Logger, type Supervised, supervise } from "@jeju-oracle/kit";
import { Wake } from "../alerts/wake.ts";
import type { Channel } from "../conversation/channel.ts";
import { deliver } from "../schedule/telling/deliver.ts";
import { copyMessage, copyOf, type Told } from "./audit-copy-text.ts";
import type { AuditEntry } from "./audit-log.ts";

/** Per channel: far more than people confirm while a service is away. */
const MOST_WAITING = 50;
/** One message has at most so many lines: it has to be read. */
const LINES_AT_ONCE = 10;
const LONGEST_NAP_MS = 60_000;

export interface AuditCopyOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

export class AuditCopy {
  readonly #options: AuditCopyOptions;
  #lines: readonly ChannelLine[] = [];

  constructor(options: AuditCopyOptions) {
    this.#options = options;
  }

  /** Hears of an entry that was written. Returns at once, never throws. Before {@link start} nobody is told. */
  hear(entry: AuditEntry): void {
    const told = copyOf(entry);
    if (told === undefined) return;
    for (const line of this.#lines) line.tell(told);
  }

  /** Tells what it hears from now on in `channels`. */
  start(channels: readonly Channel[]): Supervised {
    const { clock, logger } = this.#options;
    this.#lines = channels.map((channel) => new ChannelLine(channel, this.#options));
    return supervise(clock, logger, "The audit's copy in the chats", async (signal) => {
      await Promise.all(this.#lines.map((line) => line.run(signal)));
    });
  }
}

/** What one channel is still to be told. */
class ChannelLine {
  readonly #channel: Channel;
  readonly #options: AuditCopyOptions;
  readonly #wake = new Wake();
  #waiting: readonly Told[] = [];
  #lost = 0;

  constructor(channel: Channel, options: AuditCopyOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  tell(told: Told): void {
    const { id, interactive } = this.#channel;
    if (!told.isLoud && (!interactive || told.platform === id)) return;
    this.#waiting = [...this.#waiting, told];
    if (this.#waiting.length > MOST_WAITING) this.#drop();
    this.#wake.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      if (this.#waiting.length === 0) await this.#wake.wait(clock, LONGEST_NAP_MS, signal);
      else await this.#deliver(signal);
    }
  }

  async #deliver(signal: AbortSignal): Promise<void> {
    const [told, rest] = [this.#waiting.slice(0, LINES_AT_ONCE), this.#waiting.slice(LINES_AT_ONCE)];
    const missing = this.#lost;
    const message = copyMessage(told, missing);
    this.#waiting = rest;
    const isSent = await deliver(this.#channel, message, "copy of the audit", this.#options, signal);
    this.#lost += isSent ? -missing : told.length;
  }

  /** The oldest goes, broken glass last. */
  #drop(): void {
    const oldest = this.#waiting.find(({ isLoud }) => !isLoud) ?? this.#waiting[0];
    this.#waiting = this.#waiting.filter((told) => told !== oldest);
    this.#lost += 1;
  }
}
