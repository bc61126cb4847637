/** What a person does in a channel, in words that are the same for every channel. */

type Platform = "telegram" | "discord" | "console";

/** Who did it, as the platform tells; see people/ for who that is to us. */
export interface Caller {
  readonly platform: Platform;
  /** Numeric id (telegram), snowflake (discord), operator id (console). */
  readonly userId: string;
  /** For people; may be anything, never trusted. */
  readonly displayName: string;
  readonly isBot: boolean;
  /** An admin who writes as the group, or a channel that writes as itself: nobody in particular. */
  readonly isAnonymous: boolean;
}

/** Where it was done. */
export interface Place {
  readonly platform: Platform;
  readonly chatId: string;
}

export interface InboundMessage {
  readonly kind: "message";
  /** Unique per platform: the same event delivered twice has the same id. */
  readonly eventId: string;
  readonly caller: Caller;
  readonly place: Place;
  readonly messageId: string;
  readonly text: string;
  /** Platform's time of the message, ms since the epoch. */
  readonly sentAtMs: number;
  /** It replaces an earlier text: never a command. */
  readonly isEdit: boolean;
  readonly isForwarded: boolean;
  /** False where people also speak with each other and this was not said to us. Undefined: whatever is said there is said to us. */
  readonly isAddressed?: boolean;
}

export interface InboundPress {
  readonly kind: "press";
  readonly eventId: string;
  readonly caller: Caller;
  readonly place: Place;
  /** The message that carries the button. */
  readonly messageId: string;
  /** What the button carries; see buttons.ts. */
  readonly data: string;
  /** What a form asked for (break-glass): one-time password and reason. */
  readonly form?: { readonly totp: string; readonly reason: string };
}

export type Inbound = InboundMessage | InboundPress;
