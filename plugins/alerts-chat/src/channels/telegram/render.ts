/** Our messages as Telegram shows them: text with entities, never Markdown, so that every character is what it is. */
import { bold, code, FmtString, join } from "telegraf/format";
import type { InlineKeyboardButton, InlineKeyboardMarkup } from "telegraf/types";
import { ChannelError } from "../../conversation/channel-error.ts";
import {
  type Button,
  type Line,
  type OutboundMessage,
  plainLine,
  type Span,
} from "../../conversation/outbound.ts";
import { MAX_CALLBACK_DATA_BYTES } from "./limits.ts";
import { splitText } from "./split-text.ts";

/** Telegram refuses a message without a visible character. */
const NOTHING_TO_SAY = "(no text)";

/** The parts that `message` needs, in their order; at least one. */
export function renderParts(message: OutboundMessage): readonly FmtString[] {
  const parts = splitText(
    join(
      [...message.lines, ...typedLines(message)].map((line) => join(line.filter(isVisible).map(renderSpan))),
      "\n",
    ),
  );
  return parts.length === 0 ? [new FmtString(NOTHING_TO_SAY)] : parts;
}

/** The buttons below a message; undefined without any. @throws {ChannelError} when one carries too much or nothing */
export function renderKeyboard(message: OutboundMessage): InlineKeyboardMarkup | undefined {
  const rows = (message.buttons ?? [])
    .map((row) => row.filter(({ form }) => form === undefined))
    .filter((row) => row.length > 0);
  if (rows.length === 0) return undefined;
  return { inline_keyboard: rows.map((row) => row.map(renderButton)) };
}

/** There are no forms here: what a form would ask for is typed. */
function typedLines({ buttons = [] }: OutboundMessage): readonly Line[] {
  return buttons
    .flat()
    .flatMap(({ label, typed }) =>
      typed === undefined ? [] : [[...plainLine(`${label}: `), { kind: "code", text: typed } as const]],
    );
}

function isVisible(span: Span): boolean {
  return span.text !== "";
}

function renderSpan(span: Span): FmtString {
  // Half a surrogate pair is no text: the API refuses the whole message.
  const text = span.text.toWellFormed();
  switch (span.kind) {
    case "text":
      return new FmtString(text);
    case "bold":
      return bold(text);
    case "code":
      return code(text);
    default:
      return span satisfies never;
  }
}

function renderButton(button: Button): InlineKeyboardButton {
  const bytes = Buffer.byteLength(button.data);
  if (bytes === 0 || bytes > MAX_CALLBACK_DATA_BYTES)
    throw new ChannelError("telegram", `the button "${button.label}" carries ${bytes} bytes`, {
      retryable: false,
      nextStep: `This is a defect: a button carries 1 to ${MAX_CALLBACK_DATA_BYTES} bytes.`,
    });
  return { text: button.label, callback_data: button.data };
}
