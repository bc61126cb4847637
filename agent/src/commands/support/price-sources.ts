/** Every price source that still answers, for a person who gives a price by hand. */
import { BaseError, type FleetMember } from "@jeju-oracle/kit";
import type { LiveSource, SystemView } from "@jeju-oracle/plugin-alerts-chat/operator";
import { lookAtPool } from "@jeju-oracle/plugin-oracle-updater";
import type { OperatorSession } from "./operator-session.ts";

/** The pool on Base, and what living members last read; the owner's office tells of the feed and the oracle. Never rejects. */
export async function otherSources(
  session: OperatorSession,
  view: SystemView,
): Promise<readonly LiveSource[]> {
  return [...(await poolSources(session)), ...view.members().flatMap(memberSource)];
}

async function poolSources({ env, clock }: OperatorSession): Promise<readonly LiveSource[]> {
  try {
    const { spotElizaUsd8, twapElizaUsd8, windowS } = await lookAtPool(env, clock);
    return [
      {
        name: "Uniswap pool on Base, average",
        ethUsd8: undefined,
        elizaUsd8: twapElizaUsd8,
        detail: windowS === undefined ? "the pool remembers too little" : `over ${windowS} s`,
      },
      {
        name: "Uniswap pool on Base, now",
        ethUsd8: undefined,
        elizaUsd8: spotElizaUsd8,
        detail: spotElizaUsd8 === undefined ? "cannot be read" : "one swap can move it",
      },
    ];
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    const detail = `does not answer: ${error.message.split("\n")[0] ?? ""}`;
    return [{ name: "Uniswap pool on Base", ethUsd8: undefined, elizaUsd8: undefined, detail }];
  }
}

function memberSource({ botId, alive, sourceEthUsd8, sourceElizaUsd8 }: FleetMember): readonly LiveSource[] {
  if (!alive || sourceEthUsd8 === undefined) return [];
  const detail = "its last reading";
  return [{ name: botId, ethUsd8: sourceEthUsd8, elizaUsd8: sourceElizaUsd8, detail }];
}
