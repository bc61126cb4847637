/**
 * The conversation: what people do in the channels, and what comes of it. A channel that would hear the same on every host listens
 * only while its agent holds the chat lease, so nothing is handled twice; every answer goes back to where the person is.
 */
import { type Clock, describeError, type Logger, type Supervised, sleep, supervise } from "@jeju-oracle/kit";
import type { ControlAction } from "../actions/control-action.ts";
import { UsageError } from "../actions/usage-error.ts";
import type { Router } from "../commands/router.ts";
import { cardOf } from "../confirm/card.ts";
import type { Confirmations } from "../confirm/confirmations.ts";
import type { PressResult } from "../confirm/press-desk.ts";
import type { Proposal } from "../confirm/proposal.ts";
import { hasEnded, type ProposalBook } from "../confirm/proposal-book.ts";
import type { Proposals } from "../confirm/proposer.ts";
import { breakGlassOf } from "./break-glass-of.ts";
import type { Channel } from "./channel.ts";
import type { Inbound, InboundMessage, InboundPress, Place } from "./inbound.ts";
import { type OutboundMessage, plainLine, type SentReference } from "./outbound.ts";

export interface ChatOptions {
  readonly channels: readonly Channel[];
  readonly router: Router;
  readonly confirmations: Confirmations;
  readonly book: ProposalBook | undefined;
  readonly actions: ReadonlyMap<string, ControlAction>;
  /** Buttons that are no card's: of runbooks and alerts. Undefined: none of theirs either. */
  readonly pressOther: (press: InboundPress) => Promise<OutboundMessage | undefined>;
  /** Whether this agent ends what has expired and finds out what a dead one left. One of the fleet is enough. */
  readonly looksAfter: () => boolean;
  /** The team's chat on each platform; whoever writes elsewhere is not answered. Undefined: any chat. */
  readonly isHome: (place: Place) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

const ANSWER_DEADLINE_MS = 10_000;
const LOOK_AFTER_EVERY_MS = 5_000;

export class Chat implements Proposals {
  readonly #options: ChatOptions;
  #looking: Supervised | undefined;

  constructor(options: ChatOptions) {
    this.#options = options;
  }

  start(): void {
    const { channels, clock, logger } = this.#options;
    for (const channel of channels) channel.start((inbound) => this.#handle(channel, inbound));
    this.#looking = supervise(clock, logger, "proposals", (signal) => this.#lookAfter(signal));
  }

  async stop(): Promise<void> {
    this.#options.confirmations.stop();
    await Promise.all([this.#looking?.stop(), ...this.#options.channels.map((channel) => channel.stop())]);
  }

  async propose(wish: Parameters<Proposals["propose"]>[0]): Promise<void> {
    const { actions, confirmations } = this.#options;
    const action = actions.get(wish.action);
    if (action === undefined)
      throw new UsageError(`there is no action ${wish.action}`, { usage: "/help", example: "/help" });
    const params = action.parse(wish.args);
    const filed = await confirmations.propose({ ...wish, params });
    const channel = this.#channelOf(filed.proposal.place);
    if (channel === undefined) return;
    const sent = await channel.send(
      cardOf(filed.proposal, action.title),
      AbortSignal.timeout(ANSWER_DEADLINE_MS),
    );
    try {
      await confirmations.bind(filed, sent.messageId);
    } catch (error) {
      // Its buttons would be refused: nobody shall believe that they can be pressed.
      this.#withdraw(channel, sent);
      throw error;
    }
  }

  #withdraw(channel: Channel, sent: SentReference): void {
    const text = "⛔ This card was never registered. Propose it again.";
    channel
      .edit(sent, { lines: [plainLine(text)] }, AbortSignal.timeout(ANSWER_DEADLINE_MS))
      .catch((error: unknown) =>
        this.#options.logger.warn("A card could not be withdrawn", { error: describeError(error) }),
      );
  }

  async pending(): Promise<readonly Proposal[]> {
    const { book } = this.#options;
    if (book === undefined) return [];
    const all = await book.list();
    return all.map(({ proposal }) => proposal).filter((proposal) => !hasEnded(proposal));
  }

  /** Shows a card as it stands now. Never throws: the record is the truth, the card its picture. */
  showCard(proposal: Proposal): void {
    const { actions, logger } = this.#options;
    const { place, messageId } = proposal;
    const channel = this.#channelOf(place);
    const action = actions.get(proposal.action);
    if (channel === undefined || action === undefined || messageId === undefined) return;
    channel
      .edit({ ...place, messageId }, cardOf(proposal, action.title), AbortSignal.timeout(ANSWER_DEADLINE_MS))
      .catch((error: unknown) => logger.warn("A card could not be updated", { error: describeError(error) }));
  }

  async #handle(channel: Channel, inbound: Inbound): Promise<void> {
    const { isHome, logger } = this.#options;
    if (!isHome(inbound.place)) {
      logger.warn("A message from another chat was not answered", { platform: inbound.place.platform });
      return;
    }
    try {
      const answer =
        inbound.kind === "press" ? await this.#press(inbound) : await this.#message(channel, inbound);
      if (answer === undefined || answer.lines.length === 0) return;
      await channel.answer(inbound, answer, AbortSignal.timeout(ANSWER_DEADLINE_MS));
    } catch (error) {
      logger.error("An answer could not be given", { channel: channel.id, error: describeError(error) });
    }
  }

  async #press(press: InboundPress): Promise<OutboundMessage | undefined> {
    const result = await this.#options.confirmations.press(press);
    if (result === undefined) {
      const other = await this.#options.pressOther(press);
      return other ?? { lines: [plainLine("This button means nothing any more.")] };
    }
    return resultMessage(result);
  }

  async #message(channel: Channel, message: InboundMessage): Promise<OutboundMessage | undefined> {
    const { confirmations, router } = this.#options;
    if (breakGlassOf(message.text) === undefined) return router.answer(message);
    this.#takeAway(channel, message);
    const result = await confirmations.breakGlass(message);
    return result === undefined ? undefined : resultMessage(result);
  }

  /** A one-time password does not stay where others read it. Where it has to, it is of no use once it was judged. */
  #takeAway(channel: Channel, message: InboundMessage): void {
    channel.remove?.(message, AbortSignal.timeout(ANSWER_DEADLINE_MS)).catch((error: unknown) =>
      this.#options.logger.info("A message with a one-time password could not be deleted", {
        channel: channel.id,
        error: describeError(error),
      }),
    );
  }

  async #lookAfter(signal: AbortSignal): Promise<void> {
    const { clock, looksAfter, confirmations, logger } = this.#options;
    while (!signal.aborted) {
      await sleep(clock, LOOK_AFTER_EVERY_MS, signal);
      if (signal.aborted) return;
      if (!looksAfter()) continue;
      try {
        await confirmations.lookAfter();
      } catch (error) {
        logger.debug("Proposals could not be looked after", { error: describeError(error) });
      }
    }
  }

  #channelOf({ platform }: { readonly platform: string }): Channel | undefined {
    return this.#options.channels.find(({ id }) => id === platform);
  }
}

function resultMessage({ kind, text }: PressResult): OutboundMessage {
  return { lines: [plainLine(`${kind === "done" ? "✔" : "⛔"} ${text}`)] };
}
