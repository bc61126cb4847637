/** What we say, in words that every channel can show in its own way. Plain data; a channel renders, splits and escapes it. */

/** A piece of text. `code` is what a person may copy: a command, a hash, calldata. */
export type Span =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bold"; readonly text: string }
  | { readonly kind: "code"; readonly text: string };

/** One line on a phone's screen: short, so that it does not wrap. */
export type Line = readonly Span[];

export interface Button {
  readonly label: string;
  /** At most 64 bytes: Telegram's limit (https://core.telegram.org/bots/api#inlinekeyboardbutton). */
  readonly data: string;
  readonly style: "primary" | "danger" | "secondary";
  /** Opens a form for a one-time password and a reason where the platform has forms. */
  readonly form?: "break-glass";
  /** What a person types instead where the platform has none. */
  readonly typed?: string;
}

export interface OutboundMessage {
  readonly lines: readonly Line[];
  readonly buttons?: readonly (readonly Button[])[];
  /** Decides the colour where there is one, and what goes first when a channel was away. */
  readonly severity?: "critical" | "warning" | "info" | "resolved";
  /** A file to attach where the platform can, else shown as code. */
  readonly attachment?: { readonly name: string; readonly text: string };
  /** What it is about: copies of the same news, from several agents, have the same. Only what shows several consoles looks at it. */
  readonly about?: string;
}

/** A message that a channel has sent, to edit it later. */
export interface SentReference {
  readonly platform: string;
  readonly chatId: string;
  readonly messageId: string;
}

/** Text, with `**bold**` and `` `code` `` marked as in these two examples and nothing else special. */
export function line(text: string): Line {
  const spans: Span[] = [];
  for (const part of text.split(/(\*\*[^*]+\*\*|`[^`]+`)/)) {
    if (part === "") continue;
    if (part.startsWith("**") && part.endsWith("**") && part.length > 4)
      spans.push({ kind: "bold", text: part.slice(2, -2) });
    else if (part.startsWith("`") && part.endsWith("`") && part.length > 2)
      spans.push({ kind: "code", text: part.slice(1, -1) });
    else spans.push({ kind: "text", text: part });
  }
  return spans;
}

/** Text from outside (an alert, a name, an error): shown as it is, nothing in it is special. */
export function plainLine(text: string): Line {
  return [{ kind: "text", text }];
}
