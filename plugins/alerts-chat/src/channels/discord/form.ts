/** The form for break-glass: https://docs.discord.com/developers/components/reference#text-input. */
import { type APIModalInteractionResponseCallbackData, ComponentType, TextInputStyle } from "discord.js";
import { FORM_REASON, FORM_TOTP } from "./inbound-of.ts";

/** @param customId of the button: it comes back with what was filled in. */
export function breakGlassForm(customId: string): APIModalInteractionResponseCallbackData {
  return {
    custom_id: customId,
    title: "Break glass",
    components: [
      {
        type: ComponentType.Label,
        label: "One-time password",
        description: "Six digits from your authenticator",
        component: {
          type: ComponentType.TextInput,
          custom_id: FORM_TOTP,
          style: TextInputStyle.Short,
          min_length: 6,
          max_length: 8,
          required: true,
        },
      },
      {
        type: ComponentType.Label,
        label: "Reason",
        description: "Every channel and the audit log show it",
        component: {
          type: ComponentType.TextInput,
          custom_id: FORM_REASON,
          style: TextInputStyle.Paragraph,
          min_length: 1,
          max_length: 500,
          required: true,
        },
      },
    ],
  };
}
