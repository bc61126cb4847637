/** A message as a terminal, or a pipe, shows it. Nothing in a message can act on the terminal. Pure. */
import type { ConsoleButton, ConsoleMessage, ConsoleSpan } from "./protocol.ts";
import { visibleText } from "./visible.ts";
import { wrapSpans } from "./wrap.ts";

export interface ConsoleView {
  /** Of the terminal; undefined for a pipe: nothing is wrapped, nothing stands before the text. */
  readonly columns: number | undefined;
  readonly colours: boolean;
}

export interface ShownAs {
  /** By which a person names it to press its buttons. */
  readonly card?: number | undefined;
  /** It replaces what was shown before. */
  readonly isEdit?: boolean;
}

const RESET = "\u001b[0m";
const COLOUR_OF_SEVERITY = { critical: "31", warning: "33", info: "36", resolved: "32" } as const;
const COLOUR_OF_SPAN: Readonly<Record<ConsoleSpan["kind"], string | undefined>> = {
  text: undefined,
  bold: "1",
  code: "36",
};
/** On a terminal that tells less. */
const FEWEST_COLUMNS = 20;

/** The lines of `message`, without line ends. */
export function renderMessage(
  message: ConsoleMessage,
  view: ConsoleView,
  as: ShownAs = {},
): readonly string[] {
  const { severity } = message;
  const bar = view.columns === undefined ? "" : view.colours ? "▌ " : "| ";
  const gutter = severity === undefined ? bar : painted(COLOUR_OF_SEVERITY[severity], bar, view);
  // The last column stays free, since some terminals wrap there.
  const columns = Math.max(FEWEST_COLUMNS, (view.columns ?? Number.POSITIVE_INFINITY) - bar.length - 1);
  const wrap = (spans: readonly ConsoleSpan[]) =>
    wrapSpans(spans, columns, (kind, text) => painted(COLOUR_OF_SPAN[kind], text, view));
  const { card } = as;
  const mark = [as.isEdit === true ? "↻" : "", card === undefined ? "" : `#${card}`]
    .filter(Boolean)
    .join(" ");
  const [first = [], ...others] = message.lines;
  const lines = [
    ...wrap(mark === "" ? first : [{ kind: "text", text: `${mark} ` }, ...first]),
    ...others.flatMap(wrap),
    ...attachmentLines(message),
    ...buttonLines(message, card, wrap),
  ];
  return lines.map((line) => gutter + line);
}

/** All buttons of a message, in the order of their numbers, which begin with 1. */
export function buttonsOf(message: ConsoleMessage): readonly ConsoleButton[] {
  return (message.buttons ?? []).flat();
}

function buttonLines(
  message: ConsoleMessage,
  card: number | undefined,
  wrap: (spans: readonly ConsoleSpan[]) => readonly string[],
): readonly string[] {
  const buttons = buttonsOf(message);
  if (buttons.length === 0) return [];
  const labels = buttons.map(
    ({ label }, index): ConsoleSpan => ({ kind: "code", text: `[${index + 1}] ${label}` }),
  );
  const spaced = labels.flatMap((label, index): ConsoleSpan[] =>
    index === 0 ? [label] : [{ kind: "text", text: "  " }, label],
  );
  const hint: readonly ConsoleSpan[] =
    card === undefined ? [] : [{ kind: "text", text: `   (type 1, or 1#${card})` }];
  return wrap([...spaced, ...hint]);
}

/** Whole, so that it can be copied. */
function attachmentLines({ attachment }: ConsoleMessage): readonly string[] {
  if (attachment === undefined) return [];
  return [`${attachment.name}:`, ...attachment.text.replaceAll("\r\n", "\n").split("\n")].map(visibleText);
}

function painted(code: string | undefined, text: string, { colours }: ConsoleView): string {
  return code === undefined || !colours || text === "" ? text : `\u001b[${code}m${text}${RESET}`;
}
