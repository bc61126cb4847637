/** The looks that runbooks have in common. Each reads, and says what it saw in one line. */
import type { FleetMember } from "@jeju-oracle/kit";
import type { SystemView } from "../actions/system-view.ts";
import { gwei, span } from "../words/format.ts";
import type { CheckStep, Finding } from "./runbook.ts";

/** Ask the contract, not an agent: it also answers when all agents are down. */
export const priceFresh: CheckStep = {
  kind: "check",
  title: "Price on chain is fresh",
  byHand: 'cast call $ORACLE_ADDRESS "getPrices()(uint256,uint256,uint256,bool)" --rpc-url $JEJU_RPC_URL',
  async look(view) {
    const { fresh, lastUpdateS, blockTimestampS } = await view.owner.readOracle();
    return { ok: fresh, seen: `updated ${span(Number(blockTimestampS - lastUpdateS) * 1000)} ago` };
  },
};

export const oracleRunning: CheckStep = {
  kind: "check",
  title: "Oracle is not paused",
  byHand: 'cast call $ORACLE_ADDRESS "paused()(bool)" --rpc-url $JEJU_RPC_URL',
  async look(view) {
    const { paused } = await view.owner.readOracle();
    if (paused === undefined) return { ok: true, seen: "this version cannot be paused" };
    return { ok: !paused, seen: paused ? "paused on chain" : "running on chain" };
  },
};

export const paymasterRunning: CheckStep = {
  kind: "check",
  title: "Paymaster is not paused",
  byHand: 'cast call $PAYMASTER_ADDRESS "paused()(bool)" --rpc-url $JEJU_RPC_URL',
  async look(view) {
    if (view.owner.paymasterAddress === undefined) return unknown("PAYMASTER_ADDRESS is not set");
    const paused = await view.owner.readPaymasterPaused();
    if (paused === undefined) return { ok: true, seen: "it cannot be paused" };
    return { ok: !paused, seen: paused ? "paused on chain" : "running on chain" };
  },
};

export const storeAnswers: CheckStep = {
  kind: "check",
  title: "Store answers",
  byHand: "npm run oracle-agent -- list",
  look: (view) =>
    view.records === undefined && view.members().length === 0
      ? unknown("election is off, or nobody was ever in this store")
      : view.storeReachable()
        ? { ok: true, seen: "reached" }
        : { ok: false, seen: "out of reach: what is known of members is old" },
};

export const someoneAlive: CheckStep = {
  kind: "check",
  title: "At least one agent is alive",
  byHand: "curl http://bot-1.example.com:3000/health",
  look: (view) => {
    const { alive, gone } = present(view);
    if (alive.length + gone.length === 0) return unknown("no member is known");
    return { ok: alive.length > 0, seen: `alive: ${names(alive)}; gone: ${names(gone)}` };
  },
};

export const allAlive: CheckStep = {
  ...someoneAlive,
  title: "Every agent is alive",
  look: (view) => {
    const { alive, gone } = present(view);
    if (alive.length + gone.length === 0) return unknown("no member is known");
    return { ok: gone.length === 0, seen: gone.length === 0 ? names(alive) : `gone: ${names(gone)}` };
  },
};

export const someoneLeads: CheckStep = {
  kind: "check",
  title: "Somebody leads",
  byHand: "npm run oracle-agent -- list --require-leader",
  look: (view) => {
    const status = view.leadership();
    if (status === undefined) return unknown("leadership is not known here");
    const { leaderId, term } = status;
    const leader = view.members().find(({ botId }) => botId === leaderId);
    if (leaderId === undefined) return { ok: status.role === "standalone", seen: "nobody leads" };
    const gone = leader !== undefined && !leader.alive;
    return { ok: !gone, seen: `${leaderId}, term ${term}${gone ? ", but it is silent" : ""}` };
  },
};

/** Two members that both take themselves for the leader. The term in the store still has one holder. */
export const oneLeader: CheckStep = {
  kind: "check",
  title: "One agent leads, not two",
  byHand: "curl http://bot-1.example.com:3000/metrics | grep oracle_is_leader",
  look: (view) => {
    const leaders = view.members().filter(({ alive, role }) => alive && role === "leader");
    if (view.members().length === 0) return unknown("no member is known");
    return { ok: leaders.length === 1, seen: leaders.length === 0 ? "nobody" : names(leaders) };
  },
};

export const storeShared: CheckStep = {
  kind: "check",
  title: "No agent outside this store updates",
  byHand: "cat /tmp/oracle-bot-leader.lock",
  look: (view) =>
    view.storeShared()
      ? { ok: true, seen: "only members of this store were seen" }
      : { ok: false, seen: "an agent with another store updates the oracle" },
};

/** Somebody could take over: alive, fit, and not the leader. */
export const standbyReady: CheckStep = {
  kind: "check",
  title: "Another agent can take over",
  look: (view) => {
    const ready = standbys(view);
    if (ready.length > 0) return { ok: true, seen: names(ready) };
    const { alive } = present(view);
    const why = alive.flatMap(({ botId, unfitReasons }) => unfitReasons.map((text) => `${botId}: ${text}`));
    return { ok: false, seen: why.length > 0 ? why.join("; ") : "nobody else is alive" };
  },
};

export const fleetNotPaused: CheckStep = {
  kind: "check",
  title: "Updates are not paused or held",
  look: (view) => {
    const paused = present(view).alive.filter(({ pausedBy }) => pausedBy !== undefined);
    if (view.members().length === 0) return unknown("no member is known");
    return { ok: paused.length === 0, seen: paused[0]?.pausedBy ?? "all push" };
  },
};

export const nothingHeld: CheckStep = {
  kind: "check",
  title: "No large move is held",
  look: (view) => {
    const decision = decisionOfLeader(view);
    if (decision === undefined) return unknown("no decision is known");
    if (decision.includes("held")) return { ok: false, seen: "a move waits for an approval" };
    if (decision.includes("beyond-contract-limit")) {
      return { ok: false, seen: "a move beyond what an update may do: only an emergency price can" };
    }
    return { ok: true, seen: decision };
  },
};

export const gasBelowCap: CheckStep = {
  kind: "check",
  title: "Gas is below the cap",
  byHand: "cast gas-price --rpc-url $JEJU_RPC_URL",
  look: (view) => {
    const decision = decisionOfLeader(view);
    if (decision === undefined) return unknown("no decision is known");
    const price = view.snapshot()?.gasPriceWei;
    const seen = price === undefined ? decision : `gas ${gwei(price)}; last look: ${decision}`;
    return { ok: !decision.includes("gas"), seen };
  },
};

/** Troubles with chains, key or wallet of any living member. */
export const everyoneFit: CheckStep = {
  kind: "check",
  title: "Every agent reaches its chains",
  byHand: "cast block-number --rpc-url $JEJU_RPC_URL",
  look: (view) => {
    const { alive } = present(view);
    if (alive.length === 0) return unknown("no agent is alive to tell");
    const unfit = alive.filter(({ fit }) => !fit);
    const seen = unfit
      .map(({ botId, unfitReasons }) => `${botId}: ${unfitReasons[0] ?? "not fit"}`)
      .join("; ");
    return { ok: unfit.length === 0, seen: unfit.length === 0 ? names(alive) : seen };
  },
};

export const sourcesAnswer: CheckStep = {
  kind: "check",
  title: "Chainlink on Base answers",
  byHand:
    'cast call 0x71041dddad3595F9CEd3DcCFBe3D1F4b0a16Bb70 "latestRoundData()(uint80,int256,uint256,uint256,uint80)" --rpc-url https://mainnet.base.org',
  async look(view) {
    const [feed] = await view.owner.liveSources();
    if (feed === undefined) return unknown("no source is known");
    return { ok: feed.ethUsd8 !== undefined, seen: feed.detail };
  },
};

/** Members that could lead at once, best first. */
export function standbys(view: SystemView): readonly FleetMember[] {
  const leaderId = view.leadership()?.leaderId;
  return present(view)
    .alive.filter(({ botId, fit, nofailover }) => fit && !nofailover && botId !== leaderId)
    .toSorted((a, b) => b.priority - a.priority || (a.botId < b.botId ? -1 : 1));
}

/** Who ended in order is not missed. */
function present(view: SystemView) {
  const members = view.members();
  return {
    alive: members.filter(({ alive }) => alive),
    gone: members.filter(({ alive, role }) => !alive && role !== "stopped"),
  };
}

function decisionOfLeader(view: SystemView): string | undefined {
  const leaderId = view.leadership()?.leaderId;
  const leader = view.members().find(({ botId, alive }) => botId === leaderId && alive);
  const own = view.snapshot()?.lastDecision;
  return leader?.decision ?? (own === undefined ? undefined : `${own.kind} ${own.reason}`);
}

function names(members: readonly FleetMember[]): string {
  return members.length === 0 ? "nobody" : members.map(({ botId }) => botId).join(", ");
}

function unknown(seen: string): Finding {
  return { ok: undefined, seen };
}
