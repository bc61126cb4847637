/** Our messages as Discord takes them: content in parts, buttons, a file. Pure. */
import { type APIActionRowComponent, type APIButtonComponent, ButtonStyle, ComponentType } from "discord.js";
import { ChannelError } from "../../conversation/channel-error.ts";
import type { Button, OutboundMessage } from "../../conversation/outbound.ts";
import { customIdOf } from "./custom-id.ts";
import { MAX_BUTTONS_IN_ROW, MAX_CUSTOM_ID_LENGTH, MAX_LABEL_LENGTH, MAX_ROWS } from "./limits.ts";
import { splitLines } from "./split.ts";

type ButtonRow = APIActionRowComponent<APIButtonComponent>;

export interface Part {
  readonly content: string;
  readonly components: readonly ButtonRow[];
  readonly files: readonly { readonly name: string; readonly data: Buffer }[];
}

/** Discord refuses a message without a visible character. */
const NOTHING_TO_SAY = "(no text)";
const STYLE_BY_OURS = {
  primary: ButtonStyle.Primary,
  secondary: ButtonStyle.Secondary,
  danger: ButtonStyle.Danger,
} as const;

/** What `message` needs, in its order, buttons and file with the last. @throws {ChannelError} for buttons that Discord refuses */
export function renderParts(message: OutboundMessage): readonly [Part, ...Part[]] {
  const contents = splitLines(message.lines);
  const { attachment } = message;
  const last: Part = {
    content: contents.at(-1) ?? NOTHING_TO_SAY,
    components: renderButtons(message),
    files:
      attachment === undefined || attachment.text === ""
        ? []
        : [{ name: attachment.name, data: Buffer.from(attachment.text) }],
  };
  const [first, ...others] = contents
    .slice(0, -1)
    .map((content): Part => ({ content, components: [], files: [] }));
  return first === undefined ? [last] : [first, ...others, last];
}

function renderButtons(message: OutboundMessage): readonly ButtonRow[] {
  const rows = (message.buttons ?? []).flatMap((row) => chunks(row.map(renderButton)));
  if (rows.length > MAX_ROWS) throw refused(`${rows.length} rows of buttons`, `at most ${MAX_ROWS} rows`);
  return rows.map((components) => ({ type: ComponentType.ActionRow, components }));
}

function renderButton(button: Button): APIButtonComponent {
  const customId = customIdOf({ data: button.data, asksForm: button.form !== undefined });
  if (button.data === "" || customId.length > MAX_CUSTOM_ID_LENGTH)
    throw refused(
      `the button "${button.label}" carries ${button.data.length} characters`,
      "1 to 98 characters",
    );
  return {
    type: ComponentType.Button,
    style: STYLE_BY_OURS[button.style],
    label: button.label.slice(0, MAX_LABEL_LENGTH).toWellFormed(),
    custom_id: customId,
  };
}

function chunks(row: readonly APIButtonComponent[]): APIButtonComponent[][] {
  const rows: APIButtonComponent[][] = [];
  for (let start = 0; start < row.length; start += MAX_BUTTONS_IN_ROW)
    rows.push(row.slice(start, start + MAX_BUTTONS_IN_ROW));
  return rows;
}

function refused(problem: string, allowed: string): ChannelError {
  return new ChannelError("discord", problem, {
    retryable: false,
    nextStep: `This is a defect: Discord allows ${allowed}.`,
  });
}
