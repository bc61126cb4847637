/** A chat that several agents write to, as its people see it, and that fails the way a test wants. */
import { setMaxListeners } from "node:events";
import type { Channel, EpisodeChannel, EpisodeNotice } from "../../../src/conversation/channel.ts";
import { ChannelError } from "../../../src/conversation/channel-error.ts";
import type { OutboundMessage, SentReference } from "../../../src/conversation/outbound.ts";

export interface Post {
  readonly channel: string;
  readonly by: string;
  readonly id: string;
  message: OutboundMessage;
  edits: number;
}

type Failure = (text: string, kind: "send" | "edit", channel: string) => Error | "hang" | undefined;

export class TeamChat {
  readonly posts: Post[] = [];
  /** When it was asked to take something, by the clock of the test, failures included. */
  readonly attemptsAtMs: number[] = [];
  failure: Failure = () => undefined;
  /** Called when it took a message, before its sender knows. */
  taken: (post: Post) => void = () => undefined;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** As one agent reaches it. */
  channel(id: string, by: string, interactive = true): Channel {
    return {
      id,
      interactive,
      send: async (message, signal) => {
        await this.#attempt(textOf(message), "send", id, signal);
        const post = { channel: id, by, id: String(this.posts.length + 1), message, edits: 0 };
        this.posts.push(post);
        this.taken(post);
        return { platform: id, chatId: "team", messageId: post.id };
      },
      edit: async (reference: SentReference, message, signal) => {
        await this.#attempt(textOf(message), "edit", id, signal);
        const post = this.posts.find((each) => each.id === reference.messageId);
        if (post === undefined) throw refused("no such message");
        post.message = message;
        post.edits += 1;
        return reference;
      },
      answer: () => Promise.reject(new Error("nobody asks")),
      start: () => undefined,
      stop: async () => undefined,
    };
  }

  /** First lines, in the order in which they were sent, as they read now. */
  heads(): readonly string[] {
    return this.posts.map(({ message }) => textOf(message).split("\n")[0] ?? "");
  }

  texts(): readonly string[] {
    return this.posts.map(({ message }) => textOf(message));
  }

  async #attempt(text: string, kind: "send" | "edit", channel: string, signal: AbortSignal): Promise<void> {
    this.attemptsAtMs.push(this.#nowMs());
    const failure = this.failure(text, kind, channel);
    if (failure === undefined) return;
    if (failure !== "hang") throw failure;
    setMaxListeners(0, signal);
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  }
}

/** An incident service that several agents tell. */
export class TestIncidents {
  readonly told: string[] = [];
  failure: () => Error | undefined = () => undefined;

  channel(id = "pagerduty"): EpisodeChannel {
    const take =
      (what: string) =>
      async ({ dedupKey, severity }: EpisodeNotice) => {
        const failure = this.failure();
        if (failure !== undefined) throw failure;
        this.told.push(`${what} ${dedupKey} ${severity}`);
      };
    return { id, trigger: take("trigger"), acknowledge: take("acknowledge"), resolve: take("resolve") };
  }
}

export function textOf({ lines }: OutboundMessage): string {
  return lines.map((line) => line.map(({ text }) => text).join("")).join("\n");
}

export function away(retryAfterMs?: number): ChannelError {
  const options = { retryable: true, nextStep: "Look at the service." };
  return new ChannelError(
    "telegram",
    "does not answer",
    retryAfterMs === undefined ? options : { ...options, retryAfterMs },
  );
}

export function refused(problem = "the bot was removed"): ChannelError {
  return new ChannelError("telegram", problem, { retryable: false, nextStep: "Invite the bot." });
}
