/** Failures of the file system, told as failures of the store: what happened to which path, and what to do about it. */
import { StoreUnavailableError, StoreUnusableError } from "@jeju-oracle/kit";

interface Explanation {
  /** True when it can pass without anybody changing the set-up of this host. */
  readonly mayPass: boolean;
  readonly problem: string;
  readonly nextStep: string;
}

const KEEPS_TRYING = "Nothing was damaged and the agent keeps trying.";
const ELSEWHERE = "or put the lock file elsewhere with LEADER_LOCK_URL";

/** By errno: https://man7.org/linux/man-pages/man3/errno.3.html */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ENOSPC: {
    mayPass: true,
    problem: "no space is left on its file system",
    nextStep: `Free some space, or inodes, there. ${KEEPS_TRYING}`,
  },
  EDQUOT: {
    mayPass: true,
    problem: "this user's disk quota is used up",
    nextStep: `Free some space or raise the quota. ${KEEPS_TRYING}`,
  },
  EROFS: {
    mayPass: true,
    problem: "its file system is read-only",
    nextStep: `Find out why (a failing disk is remounted read-only), remount it writable, ${ELSEWHERE}. ${KEEPS_TRYING}`,
  },
  EIO: {
    mayPass: true,
    problem: "the disk reported an input/output error",
    nextStep: `Check the kernel log for disk errors, ${ELSEWHERE}. The agent keeps trying.`,
  },
  EMFILE: {
    mayPass: true,
    problem: "this process has too many open files",
    nextStep: `Raise its limit of open files (LimitNOFILE). ${KEEPS_TRYING}`,
  },
  EACCES: {
    mayPass: false,
    problem: "this user may not do that",
    nextStep: "Run every agent and the command line of this host as one user that owns the directory.",
  },
  EPERM: {
    mayPass: false,
    problem:
      "the file belongs to another user in a sticky directory, is immutable, or its file system has no hard links",
    nextStep: `Remove it as its owner (lsattr shows an immutable one), ${ELSEWHERE}.`,
  },
  ENOTDIR: {
    mayPass: false,
    problem: "a part of its path is a file, not a directory",
    nextStep: `Move that file away, ${ELSEWHERE}.`,
  },
  EISDIR: {
    mayPass: false,
    problem: "there is a directory where the store keeps a file",
    nextStep: "Move that directory away.",
  },
  ELOOP: {
    mayPass: false,
    problem: "its path runs through a circle of symbolic links",
    nextStep: `Remove the circle, ${ELSEWHERE}.`,
  },
  ENAMETOOLONG: {
    mayPass: false,
    problem: "its path is too long for the file system",
    nextStep: "Use a shorter path in LEADER_LOCK_URL.",
  },
  EFBIG: {
    mayPass: false,
    problem: "the file would exceed this process's size limit",
    nextStep: "Raise the limit (ulimit -f, LimitFSIZE).",
  },
  EOPNOTSUPP: {
    mayPass: false,
    problem: "its file system has no hard links",
    nextStep: "Put the lock file on a local Linux file system with LEADER_LOCK_URL.",
  },
};

const UNKNOWN: Explanation = {
  mayPass: true,
  problem: "the file system refused",
  nextStep: "Check the file system of the lock file; the agent keeps trying.",
};

/** True for an error of a system call with one of these codes; of any system call when none is named. */
export function isErrno(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return false;
  return codes.length === 0 || codes.includes(String(error.code));
}

/** What to throw for `error`, when nothing was written: an errno explained, anything else as it is. */
export function explain(error: unknown, storePath: string): unknown {
  if (!isErrno(error)) return error;
  const code = error.code ?? "unknown";
  const { mayPass, problem, nextStep } = EXPLANATIONS[code] ?? UNKNOWN;
  const where = error.path === undefined ? "" : ` ${error.path}`;
  const message = `lock store ${storePath}: ${problem} (${code} on ${error.syscall}${where})`;
  const details = { path: error.path ?? storePath, errno: code };
  return mayPass
    ? new StoreUnavailableError(message, { nextStep, details, cause: error })
    : new StoreUnusableError(message, { nextStep, details, cause: error });
}

/** Runs work that the outcome does not depend on. False when the file system refused: what is left undone is done later. */
export function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (isErrno(error)) return false;
    throw error;
  }
}

/** The result of `look`, or undefined when what it looks at does not exist. */
export function ifPresent<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
