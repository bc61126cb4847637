/**
 * What would keep this agent from leading well, and whether passing the lead on would help. Pure. Followers are judged
 * like the leader: they read both chains all the time.
 */
import type { FitnessTrouble } from "@jeju-oracle/kit";
import type { Fence } from "../fence/fence.ts";
import type { AccountWatch } from "./account-watch.ts";
import type { FailureBook } from "./failure-book.ts";

export interface FitnessInput {
  /** The monotonic clock now. */
  readonly nowMs: number;
  /** Since when this agent has been starting; undefined once it has looked at source and chain. */
  readonly startingSinceMs: number | undefined;
  /** 0 while it answers. */
  readonly baseUnreachableForMs: number;
  readonly jejuUnreachableForMs: number;
  readonly account: Pick<AccountWatch, "walletEmptySinceMs" | "keyRefusedSinceMs">;
  readonly failures: Pick<FailureBook, "last" | "firstAtMs">;
  readonly fence: Fence["kind"];
}

const WALLET_EMPTY = "wallet-empty";
const NOT_AUTHORIZED = "not-authorized";
/** Causes with a trouble of their own. */
const TOLD_APART: ReadonlySet<string> = new Set([WALLET_EMPTY, NOT_AUTHORIZED]);
/** What the oracle says to one agent it says to all. */
const OF_THE_ORACLE: ReadonlySet<string> = new Set([
  "oracle-paused",
  "deviation-too-large",
  "out-of-bounds",
  "reverted",
]);
/** With the nonce fence all agents send from one account, so they meet the same stuck transaction. */
const OF_THE_ACCOUNT: ReadonlySet<string> = new Set(["fee-cap-reached"]);

/** Every trouble of now; empty when this agent could lead. */
export function fitnessTroubles(input: FitnessInput): readonly FitnessTrouble[] {
  const { nowMs, account, failures, fence } = input;
  const sharedKey = fence === "nonce";
  const troubles: FitnessTrouble[] = [];
  const add = (code: FitnessTrouble["code"], text: string, shared: boolean, forMs: number) =>
    troubles.push({ code, text, shared, forMs });

  if (input.startingSinceMs !== undefined) {
    add("not-ready", "no complete look at source and chain yet", false, nowMs - input.startingSinceMs);
  }
  if (input.baseUnreachableForMs > 0) {
    add("base-unreachable", "Base cannot be reached", false, input.baseUnreachableForMs);
  }
  if (input.jejuUnreachableForMs > 0) {
    add("jeju-unreachable", "Jeju cannot be reached", false, input.jejuUnreachableForMs);
  }
  const keyRefusedSinceMs = earliest(account.keyRefusedSinceMs, sinceWhile(failures, NOT_AUTHORIZED));
  if (keyRefusedSinceMs !== undefined) {
    add("key-refused", "the oracle does not accept this key", sharedKey, nowMs - keyRefusedSinceMs);
  }
  const walletEmptySinceMs = earliest(account.walletEmptySinceMs, sinceWhile(failures, WALLET_EMPTY));
  if (walletEmptySinceMs !== undefined) {
    add("wallet-empty", "the wallet cannot pay for an update", sharedKey, nowMs - walletEmptySinceMs);
  }
  const isOwn = (code: string) =>
    !TOLD_APART.has(code) && !OF_THE_ORACLE.has(code) && !(sharedKey && OF_THE_ACCOUNT.has(code));
  const { last } = failures;
  if (last !== undefined && isOwn(last.code)) {
    add(
      "pushes-failing",
      `pushes fail: ${last.message}`,
      false,
      nowMs - (failures.firstAtMs(isOwn) ?? nowMs),
    );
  }
  return troubles;
}

/** Since when pushes have failed for `code`, if that is why the newest one failed. */
function sinceWhile(failures: FitnessInput["failures"], code: string): number | undefined {
  return failures.last?.code === code ? failures.firstAtMs((other) => other === code) : undefined;
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
