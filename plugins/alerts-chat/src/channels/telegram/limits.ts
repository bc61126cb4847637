/** What the Bot API allows, each with the page that says so. */

/** Length of a message in UTF-16 units: https://core.telegram.org/bots/api#sendmessage */
export const MAX_TEXT_LENGTH = 4096;
/** Further entities of a message are dropped without a word: https://limits.tginfo.me/en */
export const MAX_ENTITIES = 100;
/** https://core.telegram.org/bots/api#inlinekeyboardbutton */
export const MAX_CALLBACK_DATA_BYTES = 64;
/** https://core.telegram.org/bots/api#getupdates */
export const MAX_UPDATES = 100;
/** https://core.telegram.org/bots/api#setmycommands */
export const MAX_MENU_COMMANDS = 100;
/** https://core.telegram.org/bots/api#botcommand */
export const MAX_COMMAND_ABOUT_LENGTH = 256;
/** The account that stands for an administrator who writes as the group: https://core.telegram.org/bots/api#message */
export const GROUP_ANONYMOUS_BOT_ID = 1_087_968_824;
