/**
 * What a typed line means: something to say, or the button of a card that was shown. A number never presses what the person
 * cannot have seen yet. Pure: time comes as an argument.
 */
import { type ConsoleButton, type ConsoleMessage, LONGEST_SAID } from "./protocol.ts";
import { buttonsOf } from "./render.ts";

export interface Press {
  /** The console that showed the card, as it was named to {@link Desk.shown}. */
  readonly source: string;
  readonly messageId: string;
  readonly data: string;
  readonly form?: { readonly totp: string; readonly reason: string };
}

export type Typed =
  | { readonly kind: "nothing" }
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "press"; readonly press: Press }
  /** Nothing is sent; `text` says why. */
  | { readonly kind: "refused"; readonly text: string };

export interface Question {
  readonly label: string;
  /** Its answer is not shown. */
  readonly isSecret: boolean;
}

interface Card {
  readonly number: number;
  readonly source: string;
  readonly messageId: string;
  buttons: readonly ConsoleButton[];
  changedAtMs: number;
}

interface Form {
  readonly card: Card;
  readonly button: ConsoleButton;
  totp: string | undefined;
}

const MAX_CARDS = 100;
const SAY: Question = { label: "> ", isSecret: false };
const PASSWORD: Question = { label: "One-time password (empty: leave it): ", isSecret: true };
const REASON: Question = { label: "Reason (empty: leave it): ", isSecret: false };

export class Desk {
  readonly #settleMs: number;
  readonly #cards: Card[] = [];
  #nextNumber = 1;
  #form: Form | undefined;

  /**
   * @param settleMs A card that changed within this time, in ms, is not pressed by a bare number. 0 where nobody types.
   */
  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** Whether the next line is an answer to a question about a button. */
  get isAsking(): boolean {
    return this.#form !== undefined;
  }

  /** What is asked for now. */
  get question(): Question {
    if (this.#form === undefined) return SAY;
    return this.#form.totp === undefined ? PASSWORD : REASON;
  }

  /**
   * Notes what is shown. @returns the number of its card; undefined for a message that never had buttons.
   * @param nowMs ms of a monotonic clock.
   */
  shown(source: string, messageId: string, message: ConsoleMessage, nowMs: number): number | undefined {
    const buttons = buttonsOf(message);
    const known = this.#cards.find((card) => card.source === source && card.messageId === messageId);
    if (known !== undefined) {
      known.buttons = buttons;
      known.changedAtMs = nowMs;
      return known.number;
    }
    if (buttons.length === 0) return undefined;
    const number = this.#nextNumber++;
    this.#cards.push({ number, source, messageId, buttons, changedAtMs: nowMs });
    if (this.#cards.length > MAX_CARDS) this.#cards.shift();
    return number;
  }

  /** Reads a line. @param nowMs ms of a monotonic clock. */
  enter(line: string, nowMs: number): Typed {
    const text = line.trim();
    if (this.#form !== undefined) return this.#fillIn(this.#form, text);
    if (text === "") return { kind: "nothing" };
    const [, button, card] = /^(\d{1,2})(?:#(\d{1,6}))?$/.exec(text) ?? [];
    if (button !== undefined) return this.#press(Number(button), card, nowMs);
    if (text.length > LONGEST_SAID)
      return refused(`That line is longer than ${LONGEST_SAID} characters; it was not sent.`);
    return { kind: "say", text };
  }

  #press(number: number, cardNumber: string | undefined, nowMs: number): Typed {
    const card =
      cardNumber === undefined
        ? this.#cards.findLast(({ buttons }) => buttons.length > 0)
        : this.#cards.find((known) => known.number === Number(cardNumber));
    if (card === undefined || card.buttons.length === 0)
      return refused(
        cardNumber === undefined
          ? "No card waits for a button. /pending lists what can be confirmed."
          : `Card #${cardNumber} has no buttons any more.`,
      );
    const newest = Math.max(...this.#cards.map(({ changedAtMs }) => changedAtMs));
    if (cardNumber === undefined && nowMs - newest < this.#settleMs)
      return refused(
        `A card changed just now; nothing was pressed. ${number}#${card.number} presses card #${card.number}.`,
      );
    const button = card.buttons[number - 1];
    if (button === undefined)
      return refused(`Card #${card.number} has the buttons 1 to ${card.buttons.length}.`);
    if (button.form === undefined) return pressOf(card, button);
    this.#form = { card, button, totp: undefined };
    return { kind: "nothing" };
  }

  #fillIn(form: Form, text: string): Typed {
    if (text === "") {
      this.#form = undefined;
      return refused("Left; nothing was pressed.");
    }
    if (form.totp === undefined) {
      form.totp = text.slice(0, 32);
      return { kind: "nothing" };
    }
    this.#form = undefined;
    return pressOf(form.card, form.button, { totp: form.totp, reason: text.slice(0, LONGEST_SAID) });
  }
}

function pressOf({ source, messageId }: Card, { data }: ConsoleButton, form?: Press["form"]): Typed {
  return { kind: "press", press: { source, messageId, data, ...(form === undefined ? {} : { form }) } };
}

function refused(text: string): Typed {
  return { kind: "refused", text };
}
