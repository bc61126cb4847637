/** What Discord refuses of messages, components, forms and commands; each rule as the API's pages have it. */
import { invalidForm, Refusal } from "./refusal.ts";

export type Json = Readonly<Record<string, unknown>>;

const MAX_CONTENT = 2_000;
const FLAG_SUPPRESS_EMBEDS = 4;
const FLAG_EPHEMERAL = 64;
const FLAG_SUPPRESS_NOTIFICATIONS = 4_096;
const BUTTON = 2;
const TEXT_INPUT = 4;
const LABEL = 18;

export interface MessageRules {
  readonly allowedFlags: number;
  readonly mayHaveButtons: boolean;
}

export const CHANNEL_MESSAGE: MessageRules = {
  allowedFlags: FLAG_SUPPRESS_EMBEDS | FLAG_SUPPRESS_NOTIFICATIONS,
  mayHaveButtons: true,
};
export const EDIT: MessageRules = { allowedFlags: FLAG_SUPPRESS_EMBEDS, mayHaveButtons: true };
export const ANSWER: MessageRules = {
  allowedFlags: FLAG_SUPPRESS_EMBEDS | FLAG_EPHEMERAL,
  mayHaveButtons: true,
};
export const WEBHOOK_MESSAGE: MessageRules = {
  allowedFlags: FLAG_SUPPRESS_EMBEDS | FLAG_SUPPRESS_NOTIFICATIONS,
  mayHaveButtons: false,
};

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** https://docs.discord.com/developers/resources/message#create-message */
export function checkMessage(body: Json, fileCount: number, rules: MessageRules, isEdit = false): void {
  const { content = "", embeds = [], components = [], flags = 0, nonce } = body;
  if (typeof content !== "string") throw invalidForm("content");
  if ([...content].length > MAX_CONTENT) throw invalidForm("content: Must be 2000 or fewer in length.");
  if (content.toWellFormed() !== content) throw invalidForm("content: half a surrogate pair");
  checkEmbeds(embeds);
  const isEmpty =
    content.trim() === "" &&
    fileCount === 0 &&
    (embeds as unknown[]).length === 0 &&
    !(isEdit && !("content" in body));
  if (isEmpty) throw new Refusal(400, 50_006, "Cannot send an empty message");
  if (typeof flags !== "number" || (flags & ~rules.allowedFlags) !== 0) throw invalidForm("flags");
  if (nonce !== undefined && (typeof nonce !== "string" || nonce.length > 25)) throw invalidForm("nonce");
  checkRows(components);
  if (!rules.mayHaveButtons && (components as unknown[]).length > 0)
    throw invalidForm("components: only an application's webhook may have them");
}

/** https://docs.discord.com/developers/components/reference */
function checkRows(components: unknown): void {
  if (!Array.isArray(components) || components.length > 5) throw invalidForm("components: 5 rows at most");
  const ids: string[] = [];
  for (const row of components) {
    if (!isObject(row) || row.type !== 1 || !Array.isArray(row.components))
      throw invalidForm("components: no action row");
    const buttons: unknown[] = row.components;
    if (buttons.length < 1 || buttons.length > 5) throw invalidForm("components: 1 to 5 buttons in a row");
    for (const button of buttons) ids.push(checkButton(button));
  }
  if (new Set(ids).size !== ids.length) throw invalidForm("components: custom_id is not unique");
}

function checkButton(button: unknown): string {
  if (!isObject(button) || button.type !== BUTTON) throw invalidForm("components: no button");
  const { style, label, custom_id: id } = button;
  if (typeof style !== "number" || style < 1 || style > 4) throw invalidForm("components: style");
  if (!isText(label, 1, 80)) throw invalidForm("components: label");
  if (!isText(id, 1, 100)) throw invalidForm("components: custom_id must be 1 to 100 long");
  return id;
}

/** https://docs.discord.com/developers/resources/message#embed-object-embed-limits */
function checkEmbeds(embeds: unknown): void {
  if (!Array.isArray(embeds) || embeds.length > 10) throw invalidForm("embeds");
  for (const embed of embeds) {
    if (!isObject(embed)) throw invalidForm("embeds");
    const { title = "", description = "", color = 0 } = embed;
    if (!isText(title, 0, 256)) throw invalidForm("embeds: title");
    if (!isText(description, 0, 4_096)) throw invalidForm("embeds: description");
    if (!Number.isInteger(color)) throw invalidForm("embeds: color");
  }
}

/** https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal */
export function checkForm(form: unknown): readonly FormField[] {
  if (!isObject(form) || !isText(form.title, 1, 45) || !isText(form.custom_id, 1, 100))
    throw invalidForm("modal: title, custom_id");
  const { components } = form;
  if (!Array.isArray(components) || components.length < 1 || components.length > 5)
    throw invalidForm("modal: components");
  return components.map((label) => {
    if (!isObject(label) || label.type !== LABEL || !isText(label.label, 1, 45))
      throw invalidForm("modal: label");
    if (!isText(label.description ?? "", 0, 100)) throw invalidForm("modal: description");
    const input = label.component;
    if (!isObject(input) || input.type !== TEXT_INPUT || "label" in input) throw invalidForm("modal: input");
    const { custom_id: id, style, min_length: min = 0, max_length: max = 4_000 } = input;
    if (!isText(id, 1, 100) || (style !== 1 && style !== 2)) throw invalidForm("modal: input");
    if (typeof min !== "number" || typeof max !== "number" || min > max || max > 4_000 || max < 1)
      throw invalidForm("modal: length");
    return { id, min, max };
  });
}

export interface FormField {
  readonly id: string;
  readonly min: number;
  readonly max: number;
}

/** https://docs.discord.com/developers/interactions/application-commands#application-command-object */
export function checkCommands(commands: unknown): asserts commands is readonly Json[] {
  if (!Array.isArray(commands) || commands.length > 100) throw invalidForm("commands");
  const names = new Set<unknown>();
  for (const command of commands) {
    if (!isObject(command) || !isText(command.description, 1, 100)) throw invalidForm("description");
    checkName(command.name);
    if (names.has(command.name)) throw invalidForm("name: not unique");
    names.add(command.name);
    const { options = [] } = command;
    if (!Array.isArray(options) || options.length > 25) throw invalidForm("options");
    for (const option of options) {
      if (!isObject(option) || option.type !== 3) throw invalidForm("options: type");
      checkName(option.name);
      if (!isText(option.description, 1, 100)) throw invalidForm("options: description");
    }
  }
}

function checkName(name: unknown): void {
  if (typeof name !== "string" || !/^[-_'\p{Ll}\p{N}]{1,32}$/u.test(name)) throw invalidForm("name");
}

function isText(value: unknown, min: number, max: number): value is string {
  return typeof value === "string" && value.length >= min && value.length <= max;
}
