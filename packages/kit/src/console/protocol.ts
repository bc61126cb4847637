/**
 * What the console's socket carries: one JSON object per line, both ways. Everything that arrives is checked against these
 * schemas; what an older or newer side does not know is refused, not guessed.
 */
import { z } from "zod";

/** The console's socket within STATE_DIR. */
export const CONSOLE_SOCKET = "chat.sock";

/** Longest line that a person may type, in characters. */
export const LONGEST_SAID = 2_000;
/** Longest line from a client, in bytes: the text, escaped, and what is around it. */
export const MAX_CLIENT_LINE_BYTES = 16_384;
/** Longest line from an agent, in bytes: a message with an attachment. */
export const MAX_SERVER_LINE_BYTES = 1_048_576;

const request = z.number().int().min(0);
const messageId = z.string().min(1).max(64);

const clientLineSchema = z.discriminatedUnion("type", [
  /** A person looks at this client: it is sent what nobody has seen yet, and the cards that can still be pressed. */
  z.strictObject({ type: z.literal("watch") }),
  /** `request` comes back with the answer. `atMs`: when it was typed, ms since the epoch. */
  z.strictObject({
    type: z.literal("say"),
    request,
    atMs: z.number(),
    text: z.string().min(1).max(LONGEST_SAID),
  }),
  z.strictObject({
    type: z.literal("press"),
    request,
    messageId,
    data: z.string().min(1).max(64),
    form: z.strictObject({ totp: z.string().max(32), reason: z.string().max(LONGEST_SAID) }).optional(),
  }),
]);
export type ClientLine = z.output<typeof clientLineSchema>;

const span = z.object({ kind: z.enum(["text", "bold", "code"]), text: z.string() }).readonly();
const button = z
  .object({
    label: z.string(),
    data: z.string(),
    style: z.enum(["primary", "danger", "secondary"]),
    form: z.literal("break-glass").optional(),
  })
  .readonly();

/** A message as it is shown: what alerts-chat calls an OutboundMessage. */
const consoleMessage = z
  .object({
    lines: z.array(z.array(span).readonly()).readonly(),
    buttons: z.array(z.array(button).readonly()).readonly().optional(),
    severity: z.enum(["critical", "warning", "info", "resolved"]).optional(),
    attachment: z.object({ name: z.string(), text: z.string() }).readonly().optional(),
    about: z.string().optional(),
  })
  .readonly();
export type ConsoleMessage = z.output<typeof consoleMessage>;
export type ConsoleButton = z.output<typeof button>;
export type ConsoleSpan = z.output<typeof span>;

const serverLineSchema = z.discriminatedUnion("type", [
  /** The first line. `operator`: who a client is to this agent; null: nobody, so that it may only read. */
  z.object({ type: z.literal("hello"), agent: z.string(), operator: z.string().nullable() }),
  z.object({ type: z.literal("message"), messageId, message: consoleMessage }),
  z.object({ type: z.literal("edit"), messageId, message: consoleMessage }),
  z.object({ type: z.literal("answer"), request, messageId, message: consoleMessage }),
  /** Everything that came of a request at once has been sent. */
  z.object({ type: z.literal("done"), request }),
  /** What the client sent is not handled. */
  z.object({ type: z.literal("refused"), request: request.optional(), problem: z.string() }),
]);
export type ServerLine = z.output<typeof serverLineSchema>;
/** A line that shows a message. */
export type ShownLine = Extract<ServerLine, { readonly message: ConsoleMessage }>;

/** @returns undefined for what is no line of this protocol. */
export function parseClientLine(text: string): ClientLine | undefined {
  return clientLineSchema.safeParse(parseJson(text)).data;
}

/** @returns undefined for what is no line of this protocol. */
export function parseServerLine(text: string): ServerLine | undefined {
  return serverLineSchema.safeParse(parseJson(text)).data;
}

/** With its line end. */
export function formatLine(line: ClientLine | ServerLine): string {
  return `${JSON.stringify(line)}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
