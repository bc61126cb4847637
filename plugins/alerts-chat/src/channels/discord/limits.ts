/** What Discord allows, each with the page that says so. */

/** Length of a message: https://docs.discord.com/developers/resources/message#create-message */
export const MAX_CONTENT_LENGTH = 2_000;
/** https://docs.discord.com/developers/components/reference#anatomy-of-a-component-custom-id */
export const MAX_CUSTOM_ID_LENGTH = 100;
/** https://docs.discord.com/developers/components/reference#action-row */
export const MAX_BUTTONS_IN_ROW = 5;
export const MAX_ROWS = 5;
/** https://docs.discord.com/developers/components/reference#button */
export const MAX_LABEL_LENGTH = 80;
/** https://docs.discord.com/developers/interactions/application-commands#registering-a-command */
export const MAX_SLASH_COMMANDS = 100;
export const MAX_DESCRIPTION_LENGTH = 100;
/** Time in ms: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback */
export const INTERACTION_CLAIM_MS = 3_000;
export const INTERACTION_TOKEN_LIFE_MS = 15 * 60_000;

/** Codes of errors: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json */
export const UNKNOWN_MESSAGE = 10_008;
export const UNKNOWN_WEBHOOK = 10_015;
export const UNKNOWN_INTERACTION = 10_062;
export const ALREADY_ACKNOWLEDGED = 40_060;
export const NOT_ITS_AUTHOR = 50_005;
export const INVALID_WEBHOOK_TOKEN = 50_027;
