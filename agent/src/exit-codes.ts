/** Exit codes, after sysexits.h, so that a supervisor or a script can tell what trying again can cure. */
export { EXIT_CONFIG } from "@jeju-oracle/kit";

export const EXIT_OK = 0;
/** It failed, or was refused; of an agent: a start that failed for a reason that may pass. */
export const EXIT_FAILURE = 1;
/** EX_USAGE: the command line is wrong. */
export const EXIT_USAGE = 64;
/** EX_UNAVAILABLE: the coordination store does not answer, or a part of this program is not installed. */
export const EXIT_UNAVAILABLE = 69;
/** EX_TEMPFAIL: what was asked is written, and nobody confirmed it in time. */
export const EXIT_UNCONFIRMED = 75;
/** POSIX: 128 plus the signal's number, when a second signal cuts the shutdown short. */
export const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
