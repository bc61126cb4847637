/** PagerDuty: told of the episodes of alerts, so that it calls whoever is on duty there. It is never asked anything. */
import { type Clock, registerSecret, registerUrlSecrets, type Secret, scrubSecrets } from "@jeju-oracle/kit";
import { z } from "zod";
import type { EpisodeChannel, EpisodeNotice } from "../../conversation/channel.ts";
import { ChannelError } from "../../conversation/channel-error.ts";
import { exchangeJson, type JsonReply, retryAfterMsOf } from "../json-exchange.ts";
import { type EventAction, eventOf } from "./event.ts";

export interface PagerDutyOptions {
  readonly routingKey: Secret;
  readonly eventsUrl: string;
  readonly clock: Clock;
}

/** Repeating an event is harmless: PagerDuty keeps one incident per key. */
export function createPagerDutyChannel(options: PagerDutyOptions): EpisodeChannel {
  return new EventsChannel(options);
}

const ACCEPTED = 202;
const refusalSchema = z.object({ message: z.string(), errors: z.array(z.string()) }).partial();

class EventsChannel implements EpisodeChannel {
  readonly id = "pagerduty";
  readonly #options: PagerDutyOptions;

  constructor(options: PagerDutyOptions) {
    this.#options = options;
    registerSecret(options.routingKey.reveal());
    registerUrlSecrets(options.eventsUrl);
  }

  trigger(episode: EpisodeNotice, signal: AbortSignal): Promise<void> {
    return this.#tell("trigger", episode, signal);
  }

  acknowledge(episode: EpisodeNotice, signal: AbortSignal): Promise<void> {
    return this.#tell("acknowledge", episode, signal);
  }

  resolve(episode: EpisodeNotice, signal: AbortSignal): Promise<void> {
    return this.#tell("resolve", episode, signal);
  }

  async #tell(action: EventAction, episode: EpisodeNotice, signal: AbortSignal): Promise<void> {
    const { clock, eventsUrl, routingKey } = this.#options;
    const body = { routing_key: routingKey.reveal(), ...eventOf(action, episode) };
    const reply = await exchangeJson(clock, { method: "POST", url: eventsUrl, body, signal });
    if ("problem" in reply) throw failed(`${action}: no answer: ${reply.problem}`, undefined);
    const { status } = reply;
    if (status === ACCEPTED) return;
    throw failed(`${action}: ${status} ${refusalIn(reply)}`, status, retryAfterMsOf(reply.headers));
  }
}

/** What the service says is wrong. */
function refusalIn({ json }: JsonReply): string {
  const refusal = refusalSchema.safeParse(json);
  if (!refusal.success) return "without JSON";
  const { message = "", errors = [] } = refusal.data;
  return scrubSecrets([message, ...errors].filter((text) => text !== "").join("; ")).slice(0, 300);
}

function failed(problem: string, status: number | undefined, retryAfterMs?: number): ChannelError {
  const retryable = status === undefined || status === 429 || status >= 500;
  return new ChannelError("pagerduty", problem, {
    retryable,
    nextStep: nextStepFor(status, retryable),
    ...(retryable && retryAfterMs !== undefined ? { retryAfterMs } : {}),
  });
}

function nextStepFor(status: number | undefined, retryable: boolean): string {
  if (status === 429) return "None: the agent waits and tells PagerDuty again.";
  if (retryable)
    return "Check that this host reaches PAGERDUTY_EVENTS_URL; the agent keeps trying by itself.";
  if (status === 400)
    return "Check PAGERDUTY_ROUTING_KEY: it must be the integration key (Events API v2) of a service.";
  return "Check PAGERDUTY_EVENTS_URL: what answers there is not PagerDuty's Events API v2.";
}
