/** Which agents sent the prices on chain: by the tags that updates of the fleet carry. */
import { BaseError, type FleetMember } from "@jeju-oracle/kit";
import { readPrices } from "@jeju-oracle/plugin-alerts-chat/operator";
import { botTag, tagOfUpdate } from "@jeju-oracle/plugin-oracle-updater";
import type { OperatorSession } from "./operator-session.ts";

const LATELY_MS = 3_600_000;
/** Hex digits as calldata: `0x…`. */
type Calldata = Parameters<typeof tagOfUpdate>[0];

/** `bot-1 in term 6`; the tag itself for an agent that is not in this store; undefined for who is no agent. */
export function senderIn(calldata: Calldata, botIds: readonly string[]): string | undefined {
  const tag = tagOfUpdate(calldata);
  if (tag === undefined) return undefined;
  const botId = botIds.find((id) => botTag(id) === tag.botTag);
  return `${botId ?? `an agent that is not in this store (tag ${tag.botTag})`} in term ${tag.term}`;
}

class SendersUnknownError extends BaseError {
  constructor(why: string) {
    super(`who updates the oracle cannot be read: ${why}`, {
      code: "senders-unknown",
      retryable: true,
      nextStep: "Check JEJU_RPC_URLS and ORACLE_ADDRESS.",
    });
  }
}

/** @returns whether only members sent updates in the last hour; calling it throws when that cannot be told. */
export async function onlyMembersPush(
  { env, clock }: OperatorSession,
  members: readonly FleetMember[],
): Promise<() => boolean> {
  const known = new Set<string>(members.map(({ botId }) => botTag(botId)));
  const nowMs = clock.wallMs();
  let strangers = 0;
  const { sources } = await readPrices(env, clock, {
    sinceMs: nowMs - LATELY_MS,
    untilMs: Number.POSITIVE_INFINITY,
    botOf: (calldata) => {
      const tag = tagOfUpdate(calldata);
      if (tag !== undefined && !known.has(tag.botTag)) strangers++;
      return tag?.botTag;
    },
  });
  const unread = sources.find((source) => source.problem !== undefined)?.problem;
  const problem = known.size === 0 ? "no member is known" : unread;
  return () => {
    if (problem !== undefined) throw new SendersUnknownError(problem);
    return strangers === 0;
  };
}
