/** What an interaction means: https://docs.discord.com/developers/interactions/receiving-and-responding. Pure. */
import { ComponentType, InteractionType, SnowflakeUtil } from "discord.js";
import { z } from "zod";
import type { Caller, Inbound, Place } from "../../conversation/inbound.ts";
import { meaningOf } from "./custom-id.ts";

const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  global_name: z.string().nullish(),
  bot: z.boolean().optional(),
});
const commonSchema = z.object({
  id: z.string().regex(/^\d{1,20}$/),
  application_id: z.string(),
  token: z.string(),
  channel_id: z.string(),
  user: userSchema.optional(),
  member: z.object({ user: userSchema }).optional(),
});
const messageSchema = z.object({ id: z.string() });
const fieldSchema = z.object({ custom_id: z.string(), value: z.string() });

const interactionSchema = z.discriminatedUnion("type", [
  commonSchema.extend({
    type: z.literal(InteractionType.ApplicationCommand),
    data: z.object({
      name: z.string(),
      options: z.array(z.object({ name: z.string(), value: z.unknown() })).default([]),
    }),
  }),
  commonSchema.extend({
    type: z.literal(InteractionType.MessageComponent),
    message: messageSchema,
    data: z.object({ custom_id: z.string(), component_type: z.literal(ComponentType.Button) }),
  }),
  commonSchema.extend({
    type: z.literal(InteractionType.ModalSubmit),
    message: messageSchema,
    data: z.object({
      custom_id: z.string(),
      components: z.array(z.object({ component: fieldSchema })),
    }),
  }),
]);

export type Meaning =
  | { readonly kind: "command" | "press"; readonly inbound: Inbound }
  /** A form has to be shown; its fields come back in an interaction of their own, under `customId`. */
  | { readonly kind: "form"; readonly customId: string };

export interface Interaction {
  readonly id: string;
  readonly applicationId: string;
  /** Lets whoever has it answer, for 15 minutes. */
  readonly token: string;
  readonly meaning: Meaning;
}

export const FORM_TOTP = "totp";
export const FORM_REASON = "reason";

/** @returns undefined for what this channel does not take */
export function interactionOf(payload: unknown): Interaction | undefined {
  const parsed = interactionSchema.safeParse(payload);
  if (!parsed.success) return undefined;
  const { data: interaction } = parsed;
  const user = interaction.member?.user ?? interaction.user;
  const meaning = user === undefined ? undefined : meaningIn(interaction, callerOf(user));
  if (meaning === undefined) return undefined;
  const { id, application_id, token } = interaction;
  return { id, applicationId: application_id, token, meaning };
}

function meaningIn(interaction: z.output<typeof interactionSchema>, caller: Caller): Meaning | undefined {
  const place: Place = { platform: "discord", chatId: interaction.channel_id };
  const common = { eventId: interaction.id, caller, place };
  switch (interaction.type) {
    case InteractionType.ApplicationCommand: {
      const args = interaction.data.options.map(({ value }) => String(value).trim());
      const text = [`/${interaction.data.name}`, ...args].filter((word) => word !== "").join(" ");
      return {
        kind: "command",
        inbound: {
          kind: "message",
          ...common,
          messageId: interaction.id,
          text,
          sentAtMs: SnowflakeUtil.timestampFrom(interaction.id),
          isEdit: false,
          isForwarded: false,
        },
      };
    }
    case InteractionType.MessageComponent: {
      const { custom_id } = interaction.data;
      const button = meaningOf(custom_id);
      if (button === undefined) return undefined;
      if (button.asksForm) return { kind: "form", customId: custom_id };
      return {
        kind: "press",
        inbound: { kind: "press", ...common, messageId: interaction.message.id, data: button.data },
      };
    }
    case InteractionType.ModalSubmit: {
      const button = meaningOf(interaction.data.custom_id);
      if (button === undefined) return undefined;
      const textOf = (field: string) =>
        interaction.data.components.find(({ component }) => component.custom_id === field)?.component.value ??
        "";
      return {
        kind: "press",
        inbound: {
          kind: "press",
          ...common,
          messageId: interaction.message.id,
          data: button.data,
          form: { totp: textOf(FORM_TOTP).trim(), reason: textOf(FORM_REASON).trim() },
        },
      };
    }
    default:
      return interaction satisfies never;
  }
}

function callerOf(user: z.output<typeof userSchema>): Caller {
  return {
    platform: "discord",
    userId: user.id,
    displayName: user.global_name ?? user.username,
    isBot: user.bot === true,
    isAnonymous: false,
  };
}
