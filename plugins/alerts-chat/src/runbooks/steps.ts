/** The proposals that runbooks have in common. A button proposes; the card of the action asks for the confirmation. */
import { standbys } from "./checks.ts";
import type { ManualStep, Milestone, ProposeStep } from "./runbook.ts";

const GWEI = 10n ** 9n;

const nothing = (): readonly string[] => [];

export const failOver: ProposeStep = {
  kind: "propose",
  title: "Failover",
  action: "failover",
  typed: "/failover [bot]",
  args: nothing,
  when: "The leader answers and another agent can take over.",
};

/** The fittest other member; a person may type another. */
export const forceLead: ProposeStep = {
  kind: "propose",
  title: "Force leadership",
  action: "force_leader",
  typed: "/force_leader bot",
  args: (view) => {
    const best = standbys(view)[0];
    return best === undefined ? undefined : [best.botId];
  },
  when: "The leader does not let go: it hangs, or a failover was refused.",
};

/** A person gives the prices: no program may guess them. */
export const emergencyPrice: ProposeStep = {
  kind: "propose",
  title: "Emergency price",
  action: "emergency_price",
  typed: "/emergency_price ETH elizaOS",
  args: () => undefined,
  when: "The price is stale and no agent can push it. Pause the fleet first.",
};

export const pauseFleet: ProposeStep = {
  kind: "propose",
  title: "Pause updates",
  action: "pause",
  typed: "/pause [duration]",
  args: nothing,
  when: "Something must be looked at while nothing is pushed.",
};

export const resumeFleet: ProposeStep = {
  kind: "propose",
  title: "Resume updates",
  action: "resume",
  typed: "/resume",
  args: nothing,
  when: "Paused or held, and the price on chain is right.",
};

export const approveHeld: ProposeStep = {
  kind: "propose",
  title: "Approve held price",
  action: "approve_price",
  typed: "/approve_price",
  args: nothing,
  when: "The large move is real: compare with other sources first.",
};

/** Twice what gas costs now, for two hours. */
export const raiseGasCap: ProposeStep = {
  kind: "propose",
  title: "Raise gas cap 2 h",
  action: "set",
  typed: "/set max-gas-price-gwei GWEI 2h",
  args: (view) => {
    const price = view.snapshot()?.gasPriceWei;
    if (price === undefined) return undefined;
    return ["max-gas-price-gwei", String((2n * price) / GWEI + 1n), "2h"];
  },
  when: "Updates are skipped because gas is above the cap.",
};

export const addJejuRpc: ProposeStep = {
  kind: "propose",
  title: "Add a Jeju RPC",
  action: "set",
  typed: "/set extra-jeju-rpc https://backup-rpc.jeju.network 2h",
  args: () => undefined,
  when: "No configured endpoint of Jeju answers. A new endpoint must be on the same chain.",
};

export const addBaseRpc: ProposeStep = {
  kind: "propose",
  title: "Add a Base RPC",
  action: "set",
  typed: "/set extra-base-rpc https://mainnet.base.org 2h",
  args: () => undefined,
  when: "No configured endpoint of Base answers.",
};

/** The silent member first, else the unhealthy one. */
export const restartTroubled: ProposeStep = {
  kind: "propose",
  title: "Restart the agent",
  action: "restart",
  typed: "/restart bot",
  args: (view) => {
    const troubled = view.members().find(({ alive, healthy }) => alive && !healthy);
    return troubled === undefined ? undefined : [troubled.botId];
  },
  when: "Its process lives but does not get well.",
};

export const unpauseOracle: ProposeStep = {
  kind: "propose",
  title: "Unpause oracle",
  action: "unpause_oracle",
  typed: "/unpause_oracle",
  args: nothing,
  when: "Option A: the pause was no defence against a bug, and is safe to end.",
};

export const pausePaymaster: ProposeStep = {
  kind: "propose",
  title: "Pause paymaster",
  action: "pause_paymaster",
  typed: "/pause_paymaster",
  args: nothing,
  when: "Option C: nobody should be charged by a wrong price until it is fixed.",
};

export const unpausePaymaster: ProposeStep = {
  kind: "propose",
  title: "Unpause paymaster",
  action: "unpause_paymaster",
  typed: "/unpause_paymaster",
  args: nothing,
  when: "The price is right again.",
};

/** Commands on hosts. Host names and the service are those of the deployment; the seed uses these. */
export function manual(title: string, ...commands: readonly string[]): ManualStep {
  return { kind: "manual", title, commands };
}

/** As {@link manual}, in a drill: its effect shows by itself. */
export function manualUntil(until: Milestone, title: string, ...commands: readonly string[]): ManualStep {
  return { ...manual(title, ...commands), until };
}

/** Leads to the command that guides the drill. */
export function pointer(title: string, command: string): ManualStep {
  return { ...manual(title, command), isPointer: true };
}
