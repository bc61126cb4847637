/** The price loop as other plugins see it: from memory and the journal, cheap enough for every request. */
import type { OracleSnapshot } from "@jeju-oracle/kit";
import type { LoopParts, RunningLoop } from "./build-loop.ts";
import { botTag } from "./fence/tag.ts";
import { type UnhealthyReason, unhealthyReasons } from "./health.ts";
import { fitnessTroubles } from "./updater/fitness.ts";
import { describePause } from "./updater/pause-book.ts";

export interface SnapshotInput {
  readonly parts: LoopParts;
  /** Undefined until the sources are found. */
  readonly running: RunningLoop | undefined;
  /** When this agent was built, by the monotonic clock. */
  readonly startedAtMs: number;
  /** By both clocks: the wall's for people, the monotonic one to judge by. */
  readonly lastLookAt: { readonly wallMs: number; readonly monotonicMs: number };
  readonly totalUpdates: number;
}

export function takeSnapshot(input: SnapshotInput): OracleSnapshot {
  const { parts, running, startedAtMs, lastLookAt, totalUpdates } = input;
  const { botId, clock, now, pauses, failures, baseRpc, jejuRpc, account, fence } = parts;
  const nowMs = clock.monotonicMs();
  const look = running?.updater.lastLook;
  const { state, priceAgeS } = now;
  const pause = pauses.peek();
  const reasons = healthOf(parts);
  const quote = look?.source.kind === "quote" ? look.source : undefined;
  return {
    botId,
    healthy: reasons.length === 0,
    unhealthyReasons: reasons.map(({ text }) => text),
    troubles: fitnessTroubles({
      nowMs,
      startingSinceMs: look === undefined ? startedAtMs : undefined,
      baseUnreachableForMs: baseRpc.unreachableForMs(),
      jejuUnreachableForMs: jejuRpc.unreachableForMs(),
      account,
      failures,
      fence: fence.kind,
    }),
    lastUpdateMs: state === undefined ? 0 : Number(state.lastUpdateS) * 1000,
    consecutiveFailures: failures.consecutive,
    totalUpdates,
    chainEthUsd8: state?.ethUsd8,
    chainElizaUsd8: state?.elizaUsd8,
    sourceEthUsd8: quote?.ethUsd8,
    sourceElizaUsd8: quote?.elizaUsd8,
    priceAgeS,
    walletBalanceWei: state?.walletBalanceWei,
    gasPriceWei: state?.gasPriceWei,
    spotTwapSpreadBps: quote?.spotTwapSpreadBps,
    pausedBy: pause === undefined ? undefined : describePause(pause),
    directiveId: pauses.directiveId,
    inFlightAgeMs: inFlightAgeMs(parts, startedAtMs),
    lastDecision:
      look === undefined
        ? undefined
        : {
            kind: look.decision.kind,
            reason: look.decision.reason,
            detail: look.decision.detail,
            wouldPush: look.decision.kind === "skip" ? look.decision.wouldPush : look.decision.reason,
            atWallMs: lastLookAt.wallMs,
          },
    lastLookAgeMs: look === undefined ? undefined : nowMs - lastLookAt.monotonicMs,
    tag: botTag(botId),
    lastPeerTag: running?.watch.lastPeerTag,
  };
}

export function healthOf({ failures, baseRpc, jejuRpc, now }: LoopParts): readonly UnhealthyReason[] {
  return unhealthyReasons({
    consecutiveFailures: failures.consecutive,
    baseUnreachableForMs: baseRpc.unreachableForMs(),
    jejuUnreachableForMs: jejuRpc.unreachableForMs(),
    priceAgeS: now.priceAgeS,
  });
}

/**
 * Age in ms of the oldest own transaction that may still land; undefined when there is none. One of an earlier run counts
 * since the start of this one.
 */
export function inFlightAgeMs({ now, journal, clock }: LoopParts, startedAtMs: number): number | undefined {
  if (now.state === undefined) return undefined;
  const open = journal.open(now.state.latestNonce);
  const runForMs = clock.monotonicMs() - startedAtMs;
  return open.length === 0 ? undefined : Math.max(...open.map(({ ageMs }) => Math.min(ageMs, runForMs)));
}
