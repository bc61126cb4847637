/** What the buttons under an alert carry: codes of alerts. At most 64 bytes: Telegram's limit for callback data. */

export interface AlertButton {
  readonly kind: "acknowledge" | "unacknowledge" | "silence";
  /** See codeOf; at most as many as one message holds. */
  readonly codes: readonly string[];
}

const LETTER = { acknowledge: "a", unacknowledge: "u", silence: "s" } as const;
const KIND = { a: "acknowledge", u: "unacknowledge", s: "silence" } as const;
const PATTERN = /^a:([aus]):([0-9a-f]{6}(?:\.[0-9a-f]{6})*)$/;

export function encodeAlertButton({ kind, codes }: AlertButton): string {
  return `a:${LETTER[kind]}:${codes.join(".")}`;
}

/** @returns undefined for what is no button of an alert. */
export function decodeAlertButton(data: string): AlertButton | undefined {
  const [, letter, codes] = PATTERN.exec(data) ?? [];
  if (codes === undefined || (letter !== "a" && letter !== "u" && letter !== "s")) return undefined;
  return { kind: KIND[letter], codes: codes.split(".") };
}
