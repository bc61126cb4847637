/** Exit codes, after sysexits.h, so that a supervisor can tell what restarting can cure. */
export { EXIT_CONFIG } from "@jeju-oracle/kit";

export const EXIT_OK = 0;
/** A start that failed for a reason that may pass: restart. */
export const EXIT_FAILURE = 1;
/** EX_USAGE: the command line is wrong. */
export const EXIT_USAGE = 64;
/** EX_UNAVAILABLE: a part of this program is not installed. */
export const EXIT_UNAVAILABLE = 69;
/** POSIX: 128 plus the signal's number, when a second signal cuts the shutdown short. */
export const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
