/** A way to reach people. One folder per implementation below channels/. */
import type { Inbound, InboundMessage } from "./inbound.ts";
import type { OutboundMessage, SentReference } from "./outbound.ts";

/** What a channel does with what people do. Never throws; the answer is shown where the person is. */
export type InboundHandler = (inbound: Inbound) => Promise<void>;

export interface Channel {
  /** Unique within the agent: `telegram`, `discord`, `discord-webhook`, `console`, `pagerduty`. Stands in alert records. */
  readonly id: string;
  /** Whether people can answer there. */
  readonly interactive: boolean;
  /** Delivers to the team's place. @throws {ChannelError} */
  send(message: OutboundMessage, signal: AbortSignal): Promise<SentReference>;
  /** Replaces what was sent. A channel that cannot edit sends again. @throws {ChannelError} */
  edit(reference: SentReference, message: OutboundMessage, signal: AbortSignal): Promise<SentReference>;
  /** Answers in the place where `inbound` came from, for its author alone where the platform can. @throws {ChannelError} */
  answer(inbound: Inbound, message: OutboundMessage, signal: AbortSignal): Promise<SentReference>;
  /** Takes away what a person wrote, where the platform lets us. @throws {ChannelError} */
  remove?(message: InboundMessage, signal: AbortSignal): Promise<void>;
  /** Starts listening (only while this agent holds the chat lease, for channels where two listeners would act twice). */
  start(handler: InboundHandler): void;
  /** Stops listening and ends every connection. */
  stop(): Promise<void>;
}

/** The team's own alerting service, which is told of episodes and not of texts (PagerDuty). */
export interface EpisodeChannel {
  readonly id: string;
  trigger(episode: EpisodeNotice, signal: AbortSignal): Promise<void>;
  acknowledge(episode: EpisodeNotice, signal: AbortSignal): Promise<void>;
  resolve(episode: EpisodeNotice, signal: AbortSignal): Promise<void>;
}

export interface EpisodeNotice {
  /** The same for one episode of one alert, whichever agent tells it. */
  readonly dedupKey: string;
  readonly severity: "critical" | "warning" | "info";
  readonly summary: string;
  readonly source: string;
  readonly details: Readonly<Record<string, string>>;
}
