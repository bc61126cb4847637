/** Checks an inline keyboard as the Bot API does: https://core.telegram.org/bots/api#inlinekeyboardmarkup */
import { nested, type Parameters } from "./parameters.ts";
import { badRequest } from "./refusal.ts";

export interface InlineKeyboard {
  readonly inline_keyboard: readonly (readonly {
    readonly text: string;
    readonly callback_data?: string;
  }[])[];
}

const MAX_BUTTONS = 100;
const MAX_DATA_BYTES = 64;

export function keyboardOf(parameters: Parameters): InlineKeyboard | undefined {
  const markup = nested(parameters, "reply_markup") as InlineKeyboard | undefined;
  if (markup === undefined || markup === null) return undefined;
  const rows = markup.inline_keyboard;
  if (!Array.isArray(rows) || !rows.every(Array.isArray)) throw badRequest("object expected as reply markup");
  const buttons = rows.flat();
  if (buttons.length > MAX_BUTTONS) throw badRequest("reply markup is too long");
  for (const { text, callback_data, ...others } of buttons) {
    if (typeof text !== "string" || text.trim() === "")
      throw badRequest("text buttons are unallowed: no text");
    const actions = Object.keys(others);
    if (callback_data === undefined ? actions.length !== 1 : actions.length > 0)
      throw badRequest("text buttons are unallowed in the inline keyboard");
    const bytes = Buffer.byteLength(callback_data ?? " ");
    if (bytes === 0 || bytes > MAX_DATA_BYTES) throw badRequest("BUTTON_DATA_INVALID");
  }
  return buttons.length === 0 ? undefined : markup;
}
